using System.Globalization;
using Spectre.Console;

namespace LearningLedger.Service.Intake.Import;

/// <summary><c>import FILE|-</c>: sends the events of a file, one a line, through the same door as everybody.</summary>
/// <remarks>
/// Each request is a stream of some megabytes, so that a connection that breaks costs no more than that, and no more is held in memory. As many as the
/// service commits at once are under way; everything about one learner is in one of them. What was recorded before is recognised, so an import that
/// ended for whatever reason is simply run again.
/// </remarks>
internal static class ImportCommand
{
    /// <summary>Some line is refused.</summary>
    public const int Refused = 1;

    /// <summary>The file cannot be read, or no service takes it.</summary>
    public const int NotDone = 2;

    private const int FaultsShown = 20;
    private const int LeastBytes = 1024 * 1024;
    private const int MostBytes = 16 * 1024 * 1024;

    // A request that is refused must be sent to its end before the service gives up listening, which is after 5 s.
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(2);

    /// <summary>How long the service may be away, or busy, before the import gives up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>0 when every event is recorded, now or before; else <see cref="Refused"/> or <see cref="NotDone"/>, and standard error says why.</summary>
    public static async Task<int> RunAsync(string name, HttpClient client, IAnsiConsole console, TextWriter errors, TimeSpan patience, CancellationToken cancellation)
    {
        var progress = new ImportProgress(console);
        try
        {
            await using var source = ImportSource.Open(name);
            var refusal = await progress.ShowAsync(name, () => SendAllAsync(source, new ImportClient(client), progress, patience, cancellation));
            if (refusal is null)
            {
                console.WriteLine(progress.Summary());
                return 0;
            }

            await errors.WriteLineAsync(refusal.Text);
            await errors.WriteLineAsync($"{progress.Summary()} {refusal.Recorded} Run the same again when that is mended: what is recorded is recognised.");
            return refusal.ByContent ? Refused : NotDone;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await errors.WriteLineAsync($"{name} cannot be read: {e.Message}");
            return NotDone;
        }
    }

    /// <param name="Text">Why.</param>
    /// <param name="Recorded">Which lines are recorded.</param>
    /// <param name="ByContent">Whether lines are at fault.</param>
    private sealed record Ending(string Text, string Recorded, bool ByContent);

    /// <param name="Text">Why.</param>
    /// <param name="Missing">Numbers of the lines that are not known to be recorded, rising; at least one.</param>
    /// <param name="ByContent">Whether lines are at fault.</param>
    private sealed record Stop(string Text, ReadOnlyMemory<long> Missing, bool ByContent);

    private static async Task<Ending?> SendAllAsync(ImportSource source, ImportClient client, ImportProgress progress, TimeSpan patience, CancellationToken cancellation)
    {
        var size = LeastBytes;
        var reading = NextAsync();
        while (await reading is { } parts)
        {
            reading = NextAsync();
            var last = parts.Select(p => p.Numbers.Span[^1]).DefaultIfEmpty().Max();
            var began = DateTime.UtcNow;
            var stops = await Task.WhenAll(parts.Select(part => DeliverAsync(part, client, source, progress, patience, cancellation)));
            if (stops.OfType<Stop>().OrderBy(s => s.Missing.Span[0]).ToList() is { Count: > 0 } stopped)
            {
                return new Ending(string.Join(Environment.NewLine, stopped.Select(s => s.Text).Distinct()), Recorded(stopped, last), stopped.Exists(s => s.ByContent));
            }

            var took = DateTime.UtcNow - began;
            size = Math.Clamp(took < RequestTime ? size * 2 : size / 2, LeastBytes, MostBytes);
        }

        return null;

        // Apart from what is being sent: to read and deal out megabytes takes a while.
        Task<List<ImportPart>?> NextAsync() => Task.Run(() => source.NextAsync(size), cancellation);
    }

    /// <summary>What became of the lines up to the last that was sent.</summary>
    /// <param name="stopped">Parts that did not come to their end, the one of the first missing line first.</param>
    /// <param name="last">The last line that was to be sent.</param>
    private static string Recorded(List<Stop> stopped, long last)
    {
        var first = stopped[0].Missing.Span[0];
        var after = last - first + 1 - stopped.Sum(s => s.Missing.Length);
        return (first, after) switch
        {
            (1, 0) => "No line is recorded.",
            (1, _) => $"Of lines 1 to {last} {after} are recorded, all of other learners.",
            (_, 0) => $"Lines 1 to {first - 1} are recorded, those after are not.",
            _ => $"Lines 1 to {first - 1} are recorded, and of those up to {last} another {after}, all of other learners.",
        };
    }

    /// <summary>Sends until all of the part is acknowledged, or it cannot be.</summary>
    private static async Task<Stop?> DeliverAsync(
        ImportPart part, ImportClient client, ImportSource source, ImportProgress progress, TimeSpan patience, CancellationToken cancellation)
    {
        var since = DateTime.UtcNow;
        for (var wait = TimeSpan.FromMilliseconds(250); ; wait = wait < TimeSpan.FromSeconds(8) ? wait * 2 : wait)
        {
            var sent = part.Numbers;
            var delivery = await client.SendAsync(part, (chunk, bytes) => progress.Acknowledge(chunk, bytes, source), cancellation);
            if (part.Numbers.IsEmpty)
            {
                return null; // All of it is on disk, whatever came after.
            }

            switch (delivery)
            {
                case Delivery.Refused refused:
                    return new Stop(Text(refused.Problem, sent), part.Numbers, refused.Problem.Errors is not null);
                case Delivery.Cut cut:
                    if (part.Numbers.Length < sent.Length)
                    {
                        (since, wait) = (DateTime.UtcNow, TimeSpan.FromMilliseconds(250));
                    }

                    if (DateTime.UtcNow - since > patience)
                    {
                        return new Stop($"The service takes nothing any more: {cut.Why}", part.Numbers, ByContent: false);
                    }

                    progress.Say($"Interrupted at line {part.Numbers.Span[0]} ({cut.Why}); trying again.");
                    await Task.Delay(cut.RetryAfter ?? wait, cancellation);
                    break;
                default:
                    return null;
            }
        }
    }

    /// <summary>What is wrong, in the source's own line numbers; the service knows only those of the request.</summary>
    /// <param name="problem">As answered.</param>
    /// <param name="numbers">The source's numbers of the request's lines.</param>
    private static string Text(ServiceProblem problem, ReadOnlyMemory<long> numbers)
    {
        if (problem.Errors is not { } faults)
        {
            return $"Refused ({problem.Status}): {problem.Detail ?? problem.Title}";
        }

        var lines = faults.Take(FaultsShown).Select(f => string.Create(CultureInfo.InvariantCulture, $"line {numbers.Span[(f.Line ?? 1) - 1]}: {(f.Field == "$" ? "" : f.Field + " ")}{f.Message}"));
        return string.Join(Environment.NewLine, faults.Count > FaultsShown ? lines.Append($"... and {faults.Count - FaultsShown} more") : lines);
    }
}
