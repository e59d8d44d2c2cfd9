using LearningLedger.Integrity;

namespace LearningLedger.Bundles;

/// <summary>What a line is worth.</summary>
public enum LineStatus
{
    /// <summary>It follows from events that are in the log, and from all there are.</summary>
    Proven,

    /// <summary>The content was erased by right, as a later leaf of the same stream says. That the event was there is proven.</summary>
    Erased,

    /// <summary>The content of this or another event of the stream is not shown, so the line cannot be derived.</summary>
    Undisclosed,

    /// <summary>It does not follow from the events, or an event it rests on is not proven.</summary>
    Failed,
}

/// <summary>The verdict on one line.</summary>
/// <param name="Line">The line as the bundle has it.</param>
/// <param name="Status">What it is worth.</param>
public sealed record LineVerdict(BundleLine Line, LineStatus Status);

/// <summary>The verdict on a bundle.</summary>
public sealed class BundleReport
{
    private readonly List<string> failures = [];
    private readonly List<string> gaps = [];
    private readonly List<string> notes = [];

    /// <summary>What is false, damaged, or does not fit. Any of it, and nothing in the bundle is to be relied on.</summary>
    public IReadOnlyList<string> Failures => failures;

    /// <summary>What is not shown: missing witnesses, a transcript that may lack its end, events without content.</summary>
    public IReadOnlyList<string> Gaps => gaps;

    /// <summary>What was found, for people.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>The lines in order.</summary>
    public IReadOnlyList<LineVerdict> Lines { get; internal set; } = [];

    /// <summary>The checkpoint everything rests on; null where none can be trusted.</summary>
    public TrustedCheckpoint? Checkpoint { get; internal set; }

    /// <summary>Up to when nothing is left out: the time of the heads. What came later may be missing. Null where nothing shows completeness.</summary>
    public DateTimeOffset? CompleteUntil { get; internal set; }

    /// <summary>When all events were in the log at the latest, on the word of an authority of the policy; null where none says so.</summary>
    public DateTimeOffset? LoggedBy { get; internal set; }

    /// <summary>0: all proven. 1: something failed. 2: nothing failed, but completeness, the quorum of witnesses or some content is not shown.</summary>
    public int ExitCode => failures.Count > 0 || Lines.Any(line => line.Status == LineStatus.Failed) ? 1
        : gaps.Count > 0 || Lines.Any(line => line.Status == LineStatus.Undisclosed) ? 2
        : 0;

    internal void Fail(string what) => failures.Add(what);

    internal void Miss(string what) => gaps.Add(what);

    internal void Note(string what) => notes.Add(what);
}
