using CsCheck;
using LearningLedger.Attempts;
using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Evidence;
using LearningLedger.Frameworks;
using static LearningLedger.Tests.Scenarios;

namespace LearningLedger.Tests.Awards;

/// <summary>Streams as the service would write them: facts as they come, and whatever the decision functions allow of random commands.</summary>
internal static class RandomCareers
{
    private static readonly string[] Skills = ["linux", "git", "docker", "deploy"];
    private static readonly string[] People = [Assessor, SecondAssessor, Board];

    /// <summary>Foundations here lasts a month, so that careers see expiries and renewals.</summary>
    public static readonly FrameworkDefinition InForce = Framework(
        Foundations with { Rule = Foundations.Rule with { ValidFor = "P1M" } }, Containers, Operations with { Skills = ["deploy", "git"] });

    /// <summary>Careers of up to 60 moves, and after each move whatever the policy awards.</summary>
    public static Gen<LearnerStream> Careers { get; } = Gen.Select(Gen.Int[0, 16], Gen.Int[0, 999], Gen.Int[5, 10]).Array[0, 60].Select(moves =>
    {
        var stream = new LearnerStream();
        for (var i = 0; i < moves.Length; i++)
        {
            var (kind, pick, score) = moves[i];
            Move(stream, kind, pick, score, day: 2 + (i * 3));
            stream.PolicyAwards(InForce);
        }

        return stream;
    });

    private static void Move(LearnerStream stream, int kind, int pick, int score, int day)
    {
        var transcript = stream.Transcript;
        var now = Day(day);
        var person = People[pick % People.Length];
        var evidence = EvidenceId(pick % 3);
        var act = new AwardAct(transcript.Awards is { IsEmpty: false } some ? some[pick % some.Count].Id : Guid.Empty, "x");
        switch (kind)
        {
            case <= 4:
                stream.Attempted(Skills[pick % Skills.Length], score / 10m, day - (pick % 5));
                break;
            case 5:
                stream.Submitted(pick % 3, day, ["deploy"]);
                break;
            case 6:
                stream.Withdrawn(pick % 3, day);
                break;
            case 7 or 8:
                Try(EvidenceRules.Review(transcript, evidence, score < 9 ? Verdict.Accepted : Verdict.Rejected, null, null, null, now));
                break;
            case 9:
                Try(AttemptRules.Void(transcript, stream.Events[pick % stream.Events.Count].EventId, "x", null, now));
                break;
            case 10:
                Try(AwardRules.Award(Tenant, transcript, InForce, InForce.Milestones[pick % 3], person, now));
                break;
            case 11:
                Try(AwardLifecycle.Suspend(transcript, act, now));
                break;
            case 12:
                Try(AwardLifecycle.Reinstate(transcript, act, now));
                break;
            case 13:
                Try(AwardLifecycle.Revoke(transcript, act, now));
                break;
            case 14:
                Try(AwardLifecycle.Affirm(transcript, act, now));
                break;
            case 15:
                Try(AwardLifecycle.Renew(transcript, InForce, act, person, now));
                break;
            default:
                stream.Expired(now);
                break;
        }

        void Try(Decision decision)
        {
            if (decision.Refusal is null)
            {
                stream.Decided(decision, person);
            }
        }
    }
}
