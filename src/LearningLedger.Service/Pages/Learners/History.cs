using LearningLedger.Service.Pages.Layout;
using LearningLedger.Transcripts;

namespace LearningLedger.Service.Pages.Learners;

/// <summary>The points of a learner's history one can go back to.</summary>
public static class History
{
    /// <summary>The sequence up to which a transcript holds so many events.</summary>
    /// <param name="current">The transcript as it is now.</param>
    /// <param name="version">1 or more; more than there are means all.</param>
    public static long SequenceOf(TranscriptDocument current, long version)
    {
        if (version >= current.Position.Version)
        {
            return current.Position.Sequence;
        }

        // The document does not name the registration and strays. Up to just before the next event it names, nothing it shows differs.
        var next = Points(current).Where(e => e.Version > version).MinBy(e => e.Version);
        return next is null ? current.Position.Sequence : next.Sequence - 1;
    }

    /// <summary>What was last recorded with each version, in words; first that of version 1.</summary>
    public static IReadOnlyList<string> Labels(TranscriptDocument current)
    {
        var points = Points(current).ToDictionary(e => e.Version);
        var labels = new List<string>();
        for (var version = 1L; version <= current.Position.Version; version++)
        {
            var what = points.TryGetValue(version, out var e)
                ? $"{e.What}{(e.Occurred is { } at ? $" ({Wording.Time(at)})" : "")}"
                : version == 1 ? "registered" : "an event that changed nothing";
            labels.Add($"{version} of {current.Position.Version}: {what}");
        }

        return labels;
    }

    private static IEnumerable<BasisEvent> Points(TranscriptDocument current) =>
        BasisEvent.In(current, new Dictionary<string, string>()).Values.DistinctBy(e => e.Version);
}
