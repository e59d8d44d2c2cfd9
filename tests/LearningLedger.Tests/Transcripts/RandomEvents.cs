using CsCheck;
using LearningLedger.Events;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Transcripts;

/// <summary>Streams of any learner events in any order, naming each other, nothing, or the wrong thing: what a fold must bear.</summary>
internal static class RandomEvents
{
    private static readonly string[] Skills = ["linux", "git", "docker", "deploy"];
    private static readonly string[] Actors = [Assessor, SecondAssessor, Board, "policy:scan"];
    private static readonly string[] Milestones = ["foundations", "containers", "operations"];

    /// <summary>Streams of up to 40 events.</summary>
    public static Gen<LearnerStream> Streams { get; } =
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 999], Gen.Int[0, 9], Gen.Int[1, 30]).Array[0, 40].Select(moves =>
        {
            var stream = new LearnerStream();
            foreach (var (kind, pick, score, day) in moves)
            {
                Append(stream, kind, pick, score, day);
            }

            return stream;
        });

    private static void Append(LearnerStream stream, int kind, int pick, int score, int day)
    {
        var skill = Skills[pick % Skills.Length];
        var milestone = Milestones[pick % Milestones.Length];
        var evidence = EvidenceId(pick % 3);
        var award = Award(pick % 4);
        var at = Day(day);
        ILedgerEvent data = kind switch
        {
            0 or 1 => new SkillAttempted(skill, score / 9m),
            2 => new AttemptVoided(Any(stream, pick), "x"),
            3 => new EvidenceSubmitted(evidence, [skill, Skills[score % 4]], "text/plain", pick, "", new Sealed(""), score < 3 ? milestone : null),
            4 or 5 => new EvidenceReviewed(evidence, score < 6 ? Verdict.Accepted : Verdict.Rejected),
            6 => new EvidenceWithdrawn(evidence, "x"),
            7 or 8 => new MilestoneAwarded(award, "engineer", 1, milestone, "", Basis(stream, pick, score), at, score < 5 ? null : at.AddDays(score)),
            9 => new AwardFlagged(award, "x", []),
            10 => new AwardAffirmed(award, "x"),
            11 => new AwardSuspended(award, "x", at),
            12 => new AwardReinstated(award, "x", at),
            13 => new AwardRevoked(award, "x", at),
            14 => new AwardExpired(award, at),
            _ => new AwardRenewed(award, "x", at, at.AddDays(score), Basis(stream, pick, score)),
        };
        stream.Append(data, at, Actors[(pick + score) % Actors.Length]);
    }

    private static Guid Award(int n) => LedgerIds.Award(Tenant, Learner, "engineer", "m", n);

    private static Guid[] Basis(LearnerStream stream, int pick, int many) => [.. Enumerable.Range(0, many % 5).Select(i => Any(stream, pick + (i * 7)))];

    /// <summary>An event of the stream, or in one case of eight of no stream.</summary>
    private static Guid Any(LearnerStream stream, int pick) => pick % 8 == 7 ? Guid.Empty : stream.Events[pick % stream.Events.Count].EventId;
}
