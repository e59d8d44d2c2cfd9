using System.Text.Json;
using System.Text.RegularExpressions;
using LearningLedger.Frameworks;

namespace LearningLedger.Tests.Frameworks;

public partial class SeedFrameworkTests
{
    private static readonly FrameworkReading Reading = Read(File.ReadAllText(Path.Combine(FrameworkSamples.Folder, "ai-systems-engineer.json")));

    private static FrameworkDefinition Seed => Reading.Definition!;

    [Fact]
    public void Is_faultless()
    {
        Assert.Empty(Reading.Faults);
        Assert.Equal(1, Assert.IsType<PublishResult.Published>(FrameworkRules.Publish(FrameworkState.None, Seed)).Event.Definition.Version);
    }

    [Fact]
    public void Has_nine_milestones_of_138_skills_135_of_them_distinct()
    {
        Assert.Equal(Enumerable.Range(0, 9), Seed.Milestones.Select(m => m.Level));
        Assert.Equal([14, 15, 16, 14, 15, 14, 15, 15, 20], Seed.Milestones.Select(m => m.Skills.Count));
        Assert.Equal(138, Seed.Milestones.Sum(m => m.Skills.Count));
        Assert.Equal(135, Seed.Skills.Count);
    }

    [Fact]
    public void Shares_three_skills_between_two_milestones_each() => Assert.Equal(
        [("cold-start-optimization", "3,4"), ("streaming-responses", "2,4"), ("systems-thinking", "0,8")],
        Seed.Skills.Select(s => (s.Code, Levels: string.Join(',', Seed.Milestones.Where(m => m.Skills.Contains(s.Code)).Select(m => m.Level))))
            .Where(s => s.Levels.Contains(','))
            .OrderBy(s => s.Code));

    [Fact]
    public void Names_everything_by_the_slug_of_its_title()
    {
        Assert.Equal(Slug.Of(Seed.Title), Seed.Code);
        Assert.All(Seed.Milestones, m => Assert.Equal(Slug.Of(m.Title), m.Code));
        Assert.All(Seed.Skills, s => Assert.Equal(Slug.Of(s.Title), s.Code));
    }

    [Theory]
    [InlineData(0, "0.70", CountingAttempts.Best, 1, 1, AwardDecision.Automatic, null)]
    [InlineData(1, "0.70", CountingAttempts.Best, 1, 1, AwardDecision.Automatic, null)]
    [InlineData(2, "0.70", CountingAttempts.Best, 1, 1, AwardDecision.Automatic, null)]
    [InlineData(3, "0.75", CountingAttempts.Best, 1, 1, AwardDecision.Automatic, null)]
    [InlineData(4, "0.75", CountingAttempts.Best, 1, 1, AwardDecision.Automatic, null)]
    [InlineData(5, "0.75", CountingAttempts.Best, 1, 1, AwardDecision.Automatic, null)]
    [InlineData(6, "0.75", CountingAttempts.Latest, 2, 1, AwardDecision.Automatic, "P3Y")]
    [InlineData(7, "0.75", CountingAttempts.Latest, 2, 1, AwardDecision.Automatic, "P3Y")]
    [InlineData(8, "0.80", CountingAttempts.Latest, 3, 2, AwardDecision.Assessor, "P2Y")]
    public void Awards_by_the_table(int level, string passing, CountingAttempts attempts, int items, int assessors, AwardDecision decision, string? validFor)
    {
        var rule = Seed.Milestones[level].Rule;

        Assert.Equal(decimal.Parse(passing, System.Globalization.CultureInfo.InvariantCulture), rule.PassingScore);
        Assert.Equal((attempts, decision, validFor), (rule.Attempts, rule.Decision, rule.ValidFor));
        Assert.Equal(new EvidenceRule(items, assessors), rule.Evidence);
        Assert.Equal(level == 0 ? [] : [Seed.Milestones[level - 1].Code], rule.Requires);
    }

    [Fact]
    public void The_documented_example_is_faultless()
    {
        var page = File.ReadAllText(Path.Combine(FrameworkSamples.Folder, "README.md"));

        Assert.Empty(Read(JsonBlock().Match(page).Groups[1].Value).Faults);
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    private static FrameworkReading Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return FrameworkFile.Read(document.RootElement);
    }
}
