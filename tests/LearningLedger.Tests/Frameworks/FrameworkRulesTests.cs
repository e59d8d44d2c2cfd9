using System.Globalization;
using LearningLedger.Frameworks;
using static LearningLedger.Tests.Frameworks.FrameworkSamples;

namespace LearningLedger.Tests.Frameworks;

public class FrameworkRulesTests
{
    [Fact]
    public void Finds_nothing_wrong_with_a_sound_framework() => Assert.Empty(FrameworkRules.Validate(Welding));

    [Fact]
    public void Names_every_fault_with_its_place()
    {
        var faulty = Welding with
        {
            Code = "Welding!",
            Title = " ",
            Version = -1,
            Skills = [.. Welding.Skills, new Skill("safety", "Again"), new Skill("riveting", "Riveting"), null!, new Skill(null!, null!)],
            Milestones =
            [
                Welding.Milestones[0] with { Level = 3, Skills = ["safety", "safety", "soldering", "Flat seam"] },
                Welding.Milestones[1] with
                {
                    Code = "first-seam",
                    Summary = "\ud800",
                    Rule = new AwardRule(
                        1.01m, (CountingAttempts)7, new EvidenceRule(-1, 1_001), ["first-seam", "master", "X", null!], (AwardDecision)7, "P0D"),
                },
                Welding.Milestones[1] with { Title = new string('a', 201), Skills = [], Rule = null! },
                null!,
            ],
        };

        Assert.Equal(
            [
                "code", "title", "version", "skills[3].code", "skills[5]", "skills[6].title", "skills[6].code", "milestones[0].skills[1]",
                "milestones[0].skills[2]", "milestones[0].skills[3]", "milestones[1].code", "milestones[1].summary", "milestones[1].level",
                "milestones[1].rule.passingScore", "milestones[1].rule.attempts", "milestones[1].rule.decision",
                "milestones[1].rule.evidence.minimum", "milestones[1].rule.evidence.distinctAssessors", "milestones[1].rule.requires[0]",
                "milestones[1].rule.requires[1]", "milestones[1].rule.requires[2]", "milestones[1].rule.requires[3]",
                "milestones[1].rule.validFor", "milestones[2].title", "milestones[2].level", "milestones[2].skills", "milestones[2].rule",
                "milestones[3]", "skills[1].code", "skills[4].code",
            ],
            Fields(faulty));
    }

    [Fact]
    public void Takes_nothing_at_all_for_a_fault_not_a_crash()
    {
        Assert.Equal(["$"], Fields(null));
        Assert.Equal(["code", "title", "skills", "milestones"], Fields(new FrameworkDefinition(null!, 0, null!, null!, null!)));
        Assert.Equal(
            ["milestones[0].skills", "milestones[0].rule.evidence", "milestones[0].rule.requires", "skills[1].code"],
            Fields(Welding.With(0, m => m with { Skills = null!, Rule = m.Rule with { Evidence = null!, Requires = null! } })));
    }

    [Fact]
    public void Refuses_milestones_that_wait_for_each_other()
    {
        var circle = Welding.With(0, m => m with { Rule = m.Rule with { Requires = ["welder"] } });

        Assert.Equal(["milestones[0].rule.requires", "milestones[1].rule.requires"], Fields(circle));
    }

    [Fact]
    public void Lets_requirements_meet_again_without_a_circle()
    {
        var diamond = Welding with
        {
            Milestones =
            [
                .. Welding.Milestones,
                Welding.Milestones[1] with { Code = "inspector" },
                Welding.Milestones[1] with { Code = "master", Level = 2, Rule = Rule with { Requires = ["welder", "inspector", "first-seam"] } },
            ],
        };

        Assert.Empty(FrameworkRules.Validate(diamond));
    }

    [Theory]
    [InlineData("P2Y", true)]
    [InlineData("P18M", true)]
    [InlineData("P2W", true)]
    [InlineData("P1Y2M3DT4H5M6S", true)]
    [InlineData("PT1S", true)]
    [InlineData("P100Y", true)]
    [InlineData("P", false)]
    [InlineData("PT", false)]
    [InlineData("P1YT", false)]
    [InlineData("P0Y", false)]
    [InlineData("P-1Y", false)]
    [InlineData("-P1Y", false)]
    [InlineData("P1.5Y", false)]
    [InlineData("P101Y", false)]
    [InlineData("P99999999Y", false)]
    [InlineData("1 year", false)]
    [InlineData("p1y", false)]
    [InlineData("P1Y\n", false)]
    [InlineData("P1M1Y", false)]
    [InlineData("", false)]
    public void Takes_only_a_plain_positive_duration_as_validity(string validFor, bool valid) =>
        Assert.Equal(valid, Fields(Welding.With(0, m => m with { Rule = m.Rule with { ValidFor = validFor } })).Length == 0);

    [Theory]
    [InlineData("P2Y")]
    [InlineData("P100Y")]
    [InlineData("P1Y2M3W4DT5H6M7S")]
    [InlineData("PT1S")]
    [InlineData("P2W")]
    public void Takes_no_validity_that_awarding_could_not_reckon_with(string validFor)
    {
        Assert.Empty(Fields(Welding.With(0, m => m with { Rule = m.Rule with { ValidFor = validFor } })));
        Assert.True(LearningLedger.Awards.Validity.TryEnd(new DateTimeOffset(2099, 12, 31, 0, 0, 0, TimeSpan.Zero), validFor, out _));
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("1", true)]
    [InlineData("0.70", true)]
    [InlineData("0.7000000000000000000001", false)]
    [InlineData("-0.01", false)]
    [InlineData("1.0001", false)]
    public void Takes_a_passing_score_that_its_hash_can_carry(string score, bool valid)
    {
        var passing = decimal.Parse(score, CultureInfo.InvariantCulture);

        Assert.Equal(valid, Fields(Welding.With(0, m => m with { Rule = m.Rule with { PassingScore = passing } })).Length == 0);
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(1, 0, true)]
    [InlineData(1, 2, true)] // one piece of work, marked twice
    [InlineData(0, 1, false)]
    public void Asks_for_assessors_only_where_there_is_something_to_assess(int minimum, int assessors, bool valid) =>
        Assert.Equal(valid, Fields(Welding.With(0, m => m with { Rule = m.Rule with { Evidence = new EvidenceRule(minimum, assessors) } })).Length == 0);

    private static string[] Fields(FrameworkDefinition? definition) => [.. FrameworkRules.Validate(definition).Select(f => f.Field)];
}
