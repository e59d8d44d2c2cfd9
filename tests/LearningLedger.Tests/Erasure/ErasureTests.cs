using System.Text.Json;
using LearningLedger.Erasure;
using LearningLedger.Events;
using LearningLedger.Transcripts;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Erasure;

public class ErasureTests
{
    public static TheoryData<string> LearnerEvents =>
        [.. EventCatalog.All.Where(e => e.Family is StreamFamily.Learner or StreamFamily.Statement && e.Body != typeof(LearnerErased)).Select(e => e.Name)];

    [Theory]
    [MemberData(nameof(LearnerEvents))]
    public void A_masked_event_of_any_type_is_read_and_folds_to_nothing(string type)
    {
        var transcript = Transcript.Fold(Learner, [Masked("learner.registered", 1), Masked(type, 2), Masked(type, 3)]);

        Assert.True(transcript.IsErased);
        Assert.Equal((3, 0), (transcript.Position.Version, transcript.Strays.Count));
        var document = TranscriptDocument.Of(transcript);
        Assert.Empty(document.Milestones);
        Assert.Empty(document.Skills);
    }

    [Fact]
    public void The_erasure_takes_everything_and_nothing_comes_back()
    {
        var stream = new LearnerStream();
        stream.Append(new SkillAttempted("linux", 1), Day(1), PlatformKey);
        Assert.False(stream.Transcript.IsErased);

        stream.Append(new LearnerErased(Learner, "gdpr-17-1-a"), Day(2), Board);
        Assert.True(stream.Transcript.IsErased);
        Assert.Empty(stream.Transcript.Attempts);

        stream.Append(new SkillAttempted("linux", 1), Day(3), PlatformKey);
        Assert.Empty(stream.Transcript.Attempts);
        Assert.Equal(4, stream.Transcript.Position.Version);
    }

    [Theory]
    [InlineData("gdpr-17-1-b", null, null)]
    [InlineData("gdpr-17-1-b", "DPO/2026-0017", null)]
    [InlineData(null, null, "ground")]
    [InlineData("", null, "ground")]
    [InlineData("Ann Lee asked for it", null, "ground")]
    [InlineData("gdpr-17-1-b", "", "reference")]
    [InlineData("gdpr-17-1-b", "Ann Lee", "reference")]
    public void An_erasure_names_its_ground_in_a_code_and_a_reference_without_words(string? ground, string? reference, string? refused) =>
        Assert.Equal(refused, (ErasureRules.Check(ground, reference) as Refusal.Invalid)?.Field);

    private static RecordedEvent Masked(string type, long version) => new(
        Guid.NewGuid(), type, Learner, version, version, Day(1), Day(1), PlatformKey, null,
        (ILedgerEvent)JsonSerializer.Deserialize("{}", EventCatalog.Find(type)!.Body, LedgerJson.Options)!);
}
