using LearningLedger.Events;
using LearningLedger.Transcripts;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Transcripts;

public class EventCoverageTests
{
    /// <summary>Learner events that mean nothing to a transcript. Adding one here is a decision; forgetting one fails the test.</summary>
    private static readonly Type[] Ignored = [typeof(LearnerRegistered)];

    private static readonly Guid Award = new("11111111-1111-4111-8111-111111111111");

    private static readonly ILedgerEvent[] Samples =
    [
        new LearnerRegistered(Learner),
        new SkillAttempted("linux", 1),
        new AttemptVoided(Award, "x"),
        new EvidenceSubmitted(EvidenceId(1), ["linux"], "text/plain", 1, new string('0', 64), new Sealed("AA==")),
        new EvidenceReviewed(EvidenceId(1), Verdict.Accepted),
        new EvidenceWithdrawn(EvidenceId(1), "x"),
        new MilestoneAwarded(Award, "f", 1, "m", "", [], Day(1)),
        new AwardFlagged(Award, "x", []),
        new AwardAffirmed(Award, "x"),
        new AwardSuspended(Award, "x", Day(2)),
        new AwardReinstated(Award, "x", Day(3)),
        new AwardExpired(Award, Day(4)),
        new AwardRenewed(Award, "x", Day(5), Day(6), []),
        new AwardRevoked(Award, "x", Day(7)),
        new LearnerLinked(Award, true, "x"),
        new LearnerUnlinked(Award, true, "x"),
        new LearnerErased(Learner, "x"),
    ];

    public static TheoryData<string> LearnerEvents => [.. EventCatalog.All.Where(e => e.Family == StreamFamily.Learner).Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(LearnerEvents))]
    public void Every_learner_event_changes_the_transcript_or_is_ignored_on_purpose(string name)
    {
        var body = EventCatalog.Find(name)!.Body;
        var index = Array.FindIndex(Samples, s => s.GetType() == body);
        Assert.True(index >= 0, $"{name} has no sample here.");

        var stream = new LearnerStream();
        foreach (var sample in Samples[..index])
        {
            stream.Append(sample, Day(1), Board);
        }

        var before = stream.Transcript;
        var after = stream.Append(Samples[index], Day(1), Board).Transcript;
        Assert.Empty(after.Strays);
        Assert.Equal(Ignored.Contains(body), WithoutPosition(after) == WithoutPosition(before));
    }

    private static string WithoutPosition(Transcript transcript) =>
        transcript.Visible().Replace(System.Text.Json.JsonSerializer.Serialize(transcript.Position, LedgerJson.Options), "", StringComparison.Ordinal);
}
