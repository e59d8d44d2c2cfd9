using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LearningLedger.Integrity;

namespace LearningLedger.Verifier;

/// <summary>How long a monitor waits before it complains.</summary>
/// <param name="Age">Since the log was dated last.</param>
/// <param name="Heads">Since the first event no heads speak of.</param>
/// <param name="BackDated">Between a leaf's recorded time and its coming.</param>
internal sealed record MonitorPatience(TimeSpan Age, TimeSpan Heads, TimeSpan BackDated);

/// <summary>Looks at a log as it is served, and remembers what it saw.</summary>
/// <param name="client">Asks the log.</param>
/// <param name="address">Where the log is served, with a slash at the end.</param>
/// <param name="witnesses">Asks the policy's witnesses.</param>
/// <param name="policy">Whom to trust.</param>
/// <param name="file">The state.</param>
/// <param name="patience">How long to wait for what.</param>
/// <param name="time">The monitor's clock.</param>
/// <param name="output">Takes what is found.</param>
internal sealed class LogMonitor(HttpClient client, Uri address, HttpClient witnesses, TrustPolicy policy, FileInfo file, MonitorPatience patience, TimeProvider time, TextWriter output)
{
    private const int MostEpochs = 1_000; // nobody restores so often; who says so leads in circles

    // Good as far as it was written; after a look that did not end well the file is read again.
    private MonitorState? state;

    // The one that is written to, and the one in whose place an operator opened it after a restore.
    private TiledLog log = TiledLog.Served(client, address);
    private TiledLog? former;

    /// <summary>One look.</summary>
    public async Task<Verdict> LookAsync(CancellationToken cancellation)
    {
        try
        {
            state ??= MonitorState.Read(file, patience.BackDated);

            // Before the log: what a witness cosigned by now the log must show.
            var seen = await SeenAsync(cancellation);
            var note = await CheckpointAsync(cancellation);
            if (Unknown(note) is { } unknown)
            {
                state = null;
                output.WriteLine(unknown);
                return Verdict.NotShown;
            }

            var current = policy.Judge(note);
            var isNext = former is not null && state is not null && Checkpoint.Parse(state.Note.Text).Origin != current.Head.Origin;
            var replay = isNext ? new LogReplay(patience.BackDated) : state?.Replay ?? new LogReplay(patience.BackDated);
            var (fault, first) = await FaultAsync(isNext ? null : state, note, current.Head, replay, cancellation);
            var (gap, isGapless) = isNext && fault is null ? await new FormerLog(former!, policy, output).FaultAsync(state!, first, current.Head, cancellation) : (null, true);
            if ((fault ?? gap) is { } wrong)
            {
                return Fail(gap is null ? wrong : $"{wrong} {Keep(state!.Note, note)}");
            }

            var verdict = await CompareAsync(seen, note, current.Head, cancellation);
            verdict = verdict == Verdict.Proven && !isGapless ? Verdict.NotShown : verdict;
            if (verdict == Verdict.Failed)
            {
                state = null;
                return verdict;
            }

            var isDated = IsDated(current, replay);
            replay.CameAfter(current.Witnessed ?? time.GetUtcNow());
            state = new MonitorState(note, replay);
            state.Write(file);
            return current.Tell(output) & isDated & HasHeads(replay) ? verdict : Verdict.NotShown;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            state = null;
            output.WriteLine($"not shown    The log cannot be read: {e.Message}");
            return Verdict.NotShown;
        }
        catch (Exception e) when (LedgerVerify.IsUnreadable(e))
        {
            return Fail(e.Message);
        }
    }

    private Verdict Fail(string fault)
    {
        state = null;
        output.WriteLine($"failed       {fault}");
        return Verdict.Failed;
    }

    /// <summary>The checkpoint, of the log that is written to.</summary>
    private async Task<SignedNote> CheckpointAsync(CancellationToken cancellation)
    {
        (log, former) = (TiledLog.Served(client, address), null);
        for (var steps = 0; ; steps++)
        {
            try
            {
                return await log.CheckpointAsync(cancellation);
            }
            catch (LogEndedException e) when (steps < MostEpochs)
            {
                (log, former) = (TiledLog.Served(client, e.Successor), log);
            }
        }
    }

    /// <summary>What to do about a log whose key the policy does not have, where it has that of one before it; else null.</summary>
    private string? Unknown(SignedNote note)
    {
        var origin = note.Text.Split('\n')[0];
        return former is not null && state is not null && policy.Logs.All(key => key.Name != origin) && Checkpoint.Parse(state.Note.Text).Origin != origin
            ? $"not shown    The log {Checkpoint.Parse(state.Note.Text).Origin} has ended, it is said, and {origin} goes on, for which the policy has no key: ask the operator why, get the key by a way you trust, and add its line."
            : null;
    }

    /// <summary>What is wrong with the log since the last look, or null; and its first leaf, if that was read.</summary>
    private async Task<(string? Fault, LogLeaf? First)> FaultAsync(MonitorState? before, SignedNote note, Checkpoint head, LogReplay replay, CancellationToken cancellation)
    {
        if (before is not null)
        {
            var old = Checkpoint.Parse(before.Note.Text);
            if (old.Origin != head.Origin)
            {
                return ($"This is the log {head.Origin}; the state is of {old.Origin}.", null);
            }

            if (head.Size < old.Size)
            {
                return ($"The log goes back: it showed {old.Size} leaves, now {head.Size}. {Keep(before.Note, note)}", null);
            }

            if (!await log.ContinuesAsync(old, head, cancellation))
            {
                return ($"The log was forked: its {head.Size} leaves do not continue the {old.Size} seen before. {Keep(before.Note, note)}", null);
            }
        }

        var from = replay.Size;
        LogLeaf? first = null;
        var tiles = await log.ReplayAsync(head.Size, replay, (leaf, index) => first = index == 0 ? leaf : first, cancellation);
        output.WriteLine($"read         {head.Size - from} new leaves, {replay.Streams} streams, {replay.HeadsChecked} heads, {tiles} tiles compared");
        var fault = replay.Root() != head.Root ? $"The leaves lead to {replay.Root()}, and the log signed {head.Root}. {Keep(before?.Note, note)}"
            : replay.Findings.Count > 0 ? string.Join("\nfailed       ", replay.Findings.Select(f => $"Leaf {f.Index} {f.What}.")) + $" {Keep(before?.Note, note)}"
            : null;
        return (fault, first);
    }

    /// <summary>What the policy's witnesses show; null for one that cannot be asked.</summary>
    private async Task<List<(string Name, SignedNote? Note)>> SeenAsync(CancellationToken cancellation)
    {
        var seen = new List<(string, SignedNote?)>();
        foreach (var witness in policy.Witnesses.Where(w => w.Url is not null))
        {
            foreach (var origin in policy.Logs.Select(key => key.Name).Distinct())
            {
                var address = $"{witness.Url!.TrimEnd('/')}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)))}/checkpoint";
                try
                {
                    using var answer = await witnesses.GetAsync(address, cancellation);
                    if (answer.StatusCode != System.Net.HttpStatusCode.NotFound)
                    {
                        answer.EnsureSuccessStatusCode();
                        var note = SignedNote.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation));
                        seen.Add(note.Verify([witness.Key]).Count > 0 ? (witness.Name, note) : throw new NoteException(NoteFault.Invalid, "its checkpoint does not carry its cosignature"));
                    }
                }
                catch (Exception e) when (e is HttpRequestException or NoteException or InvalidOperationException or UriFormatException
                    || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
                {
                    output.WriteLine($"not shown    The witness {witness.Name} cannot be asked: {e.Message}");
                    seen.Add((witness.Name, null));
                }
            }
        }

        return seen;
    }

    private async Task<Verdict> CompareAsync(List<(string Name, SignedNote? Note)> seen, SignedNote note, Checkpoint head, CancellationToken cancellation)
    {
        var verdict = seen.Any(witness => witness.Note is null) ? Verdict.NotShown : Verdict.Proven;
        foreach (var (name, other) in seen.Where(witness => witness.Note is not null))
        {
            var witnessed = policy.Judge(other!);
            if (witnessed.Head.Origin != head.Origin)
            {
                continue;
            }

            if (witnessed.Head.Size <= head.Size)
            {
                if (!await log.ContinuesAsync(witnessed.Head, head, cancellation))
                {
                    output.WriteLine($"failed       The log was forked: the witness {name} saw another at {witnessed.Head.Size} leaves. {Keep(other, note)}");
                    return Verdict.Failed;
                }
            }
            else if (time.GetUtcNow() - witnessed.Witnessed > patience.Age)
            {
                output.WriteLine($"failed       The log hides its head: the witness {name} saw {witnessed.Head.Size} leaves at {Time(witnessed.Witnessed!.Value)}, the log shows {head.Size}. {Keep(other, note)}");
                return Verdict.Failed;
            }
            else
            {
                output.WriteLine($"not shown    The witness {name} saw {witnessed.Head.Size} leaves just now, the log shows {head.Size}.");
                verdict = Verdict.NotShown;
            }
        }

        return verdict;
    }

    private bool IsDated(TrustedCheckpoint current, LogReplay replay)
    {
        var now = time.GetUtcNow();
        if (current.Witnessed is { } dated && dated - now > patience.Age)
        {
            output.WriteLine($"not shown    The log is dated {Time(dated)}, which is yet to come: a clock is wrong.");
            return false;
        }

        var last = current.Witnessed > replay.Newest || replay.Newest is null ? current.Witnessed : replay.Newest;
        if (now - last < patience.Age)
        {
            return true;
        }

        output.WriteLine(last is null
            ? "not shown    Nothing dates the log: the policy has no witness that cosigned it, and it has no leaves."
            : $"not shown    The log was dated last at {Time(last.Value)}: what is shown may be an old copy.");
        return false;
    }

    private bool HasHeads(LogReplay replay)
    {
        var isLate = time.GetUtcNow() - replay.WithoutHeadsSince > patience.Heads;
        if (isLate)
        {
            output.WriteLine($"not shown    No heads speak of events since {Time(replay.WithoutHeadsSince!.Value)}: that none are left out of a transcript cannot be shown.");
        }

        return !isLate;
    }

    /// <summary>Keeps checkpoints beside the state, and says where.</summary>
    private string Keep(params IEnumerable<SignedNote?> notes)
    {
        var names = new List<string>();
        foreach (var note in notes.OfType<SignedNote>())
        {
            var head = Checkpoint.Parse(note.Text);
            var kept = new FileInfo(string.Create(CultureInfo.InvariantCulture, $"{file.FullName}.{head.Size}-{Convert.ToHexStringLower(head.Root.ToArray())[..8]}.checkpoint"));
            OwnFile.Write(kept, note.ToString());
            names.Add(kept.Name);
        }

        return $"Kept: {string.Join(", ", names)}.";
    }

    private static string Time(DateTimeOffset moment) => LedgerJson.Text(moment);
}
