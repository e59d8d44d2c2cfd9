using System.Text;
using System.Text.Json.Nodes;
using LearningLedger.Events;
using LearningLedger.Transcripts;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Transcripts;

public class TranscriptDocumentTests
{
    private static JsonNode Json(LearnerStream stream) => JsonNode.Parse(TranscriptDocument.Of(stream.Transcript).Utf8())!;

    private static string[] Members(JsonNode? node) => [.. node!.AsObject().Select(m => m.Key)];

    [Fact]
    public void An_empty_transcript_has_its_learner_and_position_only() => Assert.Equal(
        $$"""{"learner":"{{Learner}}","position":{"sequence":0,"version":0},"milestones":[],"skills":[]}""",
        Encoding.UTF8.GetString(TranscriptDocument.Of(Transcript.Empty(Learner)).Utf8()));

    [Fact]
    public void A_milestone_names_rule_decision_and_the_events_it_rests_on()
    {
        var stream = FoundationsAwarded();
        var line = Assert.Single(Json(stream)["milestones"]!.AsArray())!;
        Assert.Equal(
            ["milestone", "framework", "frameworkVersion", "ruleHash", "status", "flagged", "award", "awardedAt", "decidedBy", "basis", "history"],
            Members(line));
        Assert.Equal("awarded", (string?)line["status"]);
        Assert.Equal("2026-01-02T09:00:00.000000Z", (string?)line["awardedAt"]);
        Assert.Equal("policy:award", (string?)line["decidedBy"]);
        Assert.Equal(
            $$"""[{"eventId":"{{stream.Id(2)}}","sequence":106,"version":2},{"eventId":"{{stream.Id(3)}}","sequence":109,"version":3}]""",
            line["basis"]!.ToJsonString());
    }

    [Fact]
    public void A_revoked_award_stays_visible_with_reason_and_actor()
    {
        var line = Json(OperationsAwarded().Revoked("operations"))["milestones"]![0]!;
        var step = line["history"]![1]!;
        Assert.Equal("revoked", (string?)line["status"]);
        Assert.Equal(["event", "eventId", "sequence", "version", "occurred", "recorded", "actor", "reason", "effectiveAt"], Members(step));
        Assert.Equal(("award.revoked", "board-decision", Board), ((string?)step["event"], (string?)step["reason"], (string?)step["actor"]));
    }

    [Fact]
    public void A_voided_attempt_stays_visible_with_reason_and_actor()
    {
        var stream = NewLearner().Attempted("linux", 0.80m, 1).Attempted("linux", 0.4m, 2);
        var line = Json(stream.Voided(stream.Id(2)))["skills"]![0]!;
        Assert.Equal(["skill", "best", "latest", "attempts", "voided", "evidence", "events"], Members(line));
        Assert.Equal((0.4m, 0.4m, 2, 1), ((decimal)line["best"]!, (decimal)line["latest"]!, (int)line["attempts"]!, (int)line["voided"]!));
        var voided = line["events"]![0]!;
        Assert.Equal(["eventId", "sequence", "version", "score", "occurred", "recorded", "actor", "source", "voided"], Members(voided));
        Assert.Equal("0.8", voided["score"]!.ToJsonString());
        Assert.Equal((stream.Last, "cheating", Board), ((Guid)voided["voided"]!["eventId"]!, (string?)voided["voided"]!["reason"], (string?)voided["voided"]!["actor"]));
        Assert.DoesNotContain("voided", Members(line["events"]![1]));
    }

    [Fact]
    public void Evidence_shows_under_each_of_its_skills_with_every_review()
    {
        var stream = NewLearner().Submitted(1, 1, ["linux", "git"]).Reviewed(1, Verdict.Rejected, Assessor, 2).Reviewed(1, Verdict.Accepted, Assessor, 3);
        var json = Json(stream);
        Assert.Equal(["git", "linux"], json["skills"]!.AsArray().Select(s => (string?)s!["skill"]));
        Assert.DoesNotContain("best", Members(json["skills"]![0]));
        var item = json["skills"]![1]!["evidence"]![0]!;
        Assert.Equal(["evidence", "eventId", "sequence", "version", "status", "mediaType", "size", "sha256", "reviews"], Members(item));
        Assert.Equal("accepted", (string?)item["status"]);
        Assert.Equal(["rejected", "accepted"], item["reviews"]!.AsArray().Select(r => (string?)r!["decision"]));
        Assert.Equal(stream.Last, (Guid)item["reviews"]![0]!["replacedBy"]!);
        Assert.DoesNotContain("replacedBy", Members(item["reviews"]![1]));
    }

    [Fact]
    public void Withdrawn_evidence_stays_visible_with_reason_and_actor()
    {
        var item = Json(NewLearner().Submitted(1, 1, ["linux"]).Withdrawn(1))["skills"]![0]!["evidence"]![0]!;
        Assert.Equal(("withdrawn", "wrong-file", PlatformKey), ((string?)item["status"], (string?)item["withdrawn"]!["reason"], (string?)item["withdrawn"]!["actor"]));
    }

    [Fact]
    public void A_basis_that_occurred_by_leaves_out_keeps_its_id_without_a_place()
    {
        var stream = FoundationsPassed();
        stream.Append(new MilestoneAwarded(Guid.NewGuid(), "engineer", 1, "foundations", "", [stream.Id(2), stream.Id(3)], Day(1)), Day(1), Board);
        var document = TranscriptDocument.Of(Transcript.Fold(Learner, stream.Events, Day(1)));
        Assert.Equal([new BasisLine(stream.Id(2), 106, 2), new BasisLine(stream.Id(3), null, null)], document.Milestones[0].Basis);
    }

    [Fact]
    public void Sealed_words_never_show() => Assert.DoesNotContain("AA==", Json(OperationsAwarded()).ToJsonString(), StringComparison.Ordinal);

    [Fact]
    public void Reads_back_as_it_was_written()
    {
        var bytes = TranscriptDocument.Of(OperationsAwarded().Withdrawn(1).Transcript).Utf8();
        var read = System.Text.Json.JsonSerializer.Deserialize<TranscriptDocument>(bytes, LedgerJson.Options)!;
        Assert.Equal(bytes, read.Utf8());
    }
}
