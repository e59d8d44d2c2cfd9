using System.Collections.Frozen;
using LearningLedger.Evidence;
using LearningLedger.Frameworks;
using LearningLedger.Transcripts;

namespace LearningLedger.Awards;

/// <summary>Judges a transcript by a milestone's rule.</summary>
public static class AwardPolicy
{
    /// <summary>Whether the rule is met, by which events, or all that is missing.</summary>
    /// <remarks>
    /// Pure and total. Says nothing on whether the milestone is awarded already, nor who may decide.
    /// </remarks>
    public static Eligibility Evaluate(Transcript transcript, FrameworkDefinition framework, Milestone milestone)
    {
        var findings = new Findings();
        var rule = milestone.Rule;
        Scores(transcript, milestone, findings);
        var counted = CountedEvidence(transcript, milestone);
        Evidence(counted, rule.Evidence, findings);
        Required(transcript, framework, rule, findings);

        if (findings is { Missing.Count: 0, Basis.Count: 0 })
        {
            // A rule that asks for nothing would be met by everybody, resting on nothing, from no time on.
            findings.Missing.Add(new MissingReason("skills", 1, 0));
        }

        if (findings.Missing.Count > 0)
        {
            return new Eligibility.Missing(findings.Missing);
        }

        var effectiveAt = findings.Basis.Max(b => b.Occurred);
        return Validity.TryEnd(effectiveAt, rule.ValidFor, out _)
            ? new Eligibility.Eligible(
                [.. findings.Basis.OrderBy(b => b.Place).Select(b => b.EventId).Distinct()],
                effectiveAt,
                counted.SelectMany(item => item.Reviews).Select(r => r.At.Actor).ToFrozenSet())
            : new Eligibility.Missing([new MissingReason("validFor", "an ISO 8601 duration", rule.ValidFor!)]);
    }

    private static void Scores(Transcript transcript, Milestone milestone, Findings findings)
    {
        foreach (var skill in milestone.Skills.Distinct())
        {
            var counting = transcript.AttemptsAt(skill).Counting(milestone.Rule.Attempts);
            if (counting is not null && counting.Score >= milestone.Rule.PassingScore)
            {
                findings.Rest(counting.At, counting.At.Occurred);
            }
            else
            {
                RuleValue? have = counting is null ? null : counting.Score;
                findings.Missing.Add(new MissingReason("score", milestone.Rule.PassingScore, have, skill));
            }
        }
    }

    /// <summary>Every accepted item that counts in the milestone, beyond the minimum too; none where the rule asks for no evidence.</summary>
    private static List<EvidenceItem> CountedEvidence(Transcript transcript, Milestone milestone) =>
        milestone.Rule.Evidence is { Minimum: <= 0, DistinctAssessors: <= 0 }
            ? []
            : [.. transcript.Evidence.Values.Where(item => item.CountsFor(milestone) && item.Status == EvidenceStatus.Accepted)];

    private static void Evidence(List<EvidenceItem> counted, EvidenceRule rule, Findings findings)
    {
        // Of a counted item every standing verdict accepts; one that rejects would have kept it from counting.
        var verdicts = counted.SelectMany(item => item.Verdicts).ToList();
        var assessors = verdicts.Select(v => v.At.Actor).Distinct().Count();
        if (counted.Count < rule.Minimum)
        {
            findings.Missing.Add(new MissingReason("evidence", rule.Minimum, counted.Count));
        }

        if (assessors < rule.DistinctAssessors)
        {
            findings.Missing.Add(new MissingReason("assessors", rule.DistinctAssessors, assessors));
        }

        foreach (var at in counted.Select(item => item.Submitted).Concat(verdicts.Select(v => v.At)))
        {
            findings.Rest(at, at.Occurred);
        }
    }

    private static void Required(Transcript transcript, FrameworkDefinition framework, AwardRule rule, Findings findings)
    {
        foreach (var required in rule.Requires.Distinct())
        {
            var awards = transcript.AwardsOf(framework.Code, required).ToList();

            // A flagged award stands until a person ends it; doubt alone takes nothing from the learner.
            if (awards.FindLast(a => a.Stands) is { } standing)
            {
                // The stated effect, not the event's own time: it is in the body, so a replay finds the same.
                findings.Rest(standing.Grants[0].At, standing.Grants[0].EffectiveAt);
                findings.Rest(standing.Grants[^1].At, standing.Grants[^1].EffectiveAt);
            }
            else
            {
                findings.Missing.Add(new MissingReason("requires", required, awards.Count == 0 ? null : Word(awards[^1].Status)));
            }
        }
    }

    private static RuleValue? Word(AwardStatus status) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(status.ToString());

    private sealed class Findings
    {
        public List<MissingReason> Missing { get; } = [];

        public List<(Guid EventId, int Place, DateTimeOffset Occurred)> Basis { get; } = [];

        public void Rest(EventStamp at, DateTimeOffset occurred) => Basis.Add((at.EventId, at.Place, occurred));
    }
}
