using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace LearningLedger.Service.Intake.Import;

/// <summary>Shows how far an import has come: a bar on a terminal, else a line now and then.</summary>
internal sealed class ImportProgress(IAnsiConsole console)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    private readonly Lock saying = new();
    private readonly long began = Stopwatch.GetTimestamp();
    private long said = Stopwatch.GetTimestamp();
    private long accepted;
    private long duplicates;
    private long bytes;
    private ProgressTask? bar;

    /// <summary>Runs the import and shows it.</summary>
    public async Task<T> ShowAsync<T>(string name, Func<Task<T>> import)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            return await import();
        }

        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                bar = context.AddTask(Markup.Escape(name), maxValue: 1);
                bar.IsIndeterminate = true;
                return await import();
            });
    }

    /// <summary>A chunk is on disk; any thread may say so.</summary>
    /// <param name="chunk">What was answered.</param>
    /// <param name="size">Bytes of its lines.</param>
    /// <param name="source">Where they are from.</param>
    public void Acknowledge(ChunkRecorded chunk, int size, ImportSource source)
    {
        lock (saying)
        {
            (accepted, duplicates, bytes) = (accepted + chunk.Accepted, duplicates + chunk.Duplicates, bytes + size);
            Show(source.Share(bytes));
        }
    }

    /// <summary>A sentence on the way.</summary>
    public void Say(string sentence)
    {
        lock (saying)
        {
            console.WriteLine(sentence);
        }
    }

    /// <summary>What was done, in a sentence.</summary>
    public string Summary() => string.Create(
        CultureInfo.InvariantCulture,
        $"{accepted:#,0} events recorded, {duplicates:#,0} were there already, in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s ({Rate():#,0}/s).");

    private void Show(double? share)
    {
        if (bar is not null)
        {
            bar.Description = Markup.Escape(Count());
            bar.IsIndeterminate = share is null;
            bar.Value = share ?? 0;
        }
        else if (Stopwatch.GetElapsedTime(said) > Pace)
        {
            said = Stopwatch.GetTimestamp();
            var left = share is > 0 and var s ? Stopwatch.GetElapsedTime(began) * ((1 - s) / s) : (TimeSpan?)null;
            console.WriteLine(Count() + (left is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {share:P0}, {left:hh\\:mm\\:ss} left")));
        }
    }

    private string Count() => string.Create(CultureInfo.InvariantCulture, $"{accepted + duplicates:#,0} events, {Rate():#,0}/s");

    private double Rate() => (accepted + duplicates) / Math.Max(0.001, Stopwatch.GetElapsedTime(began).TotalSeconds);
}
