using LearningLedger.Awards;
using LearningLedger.Frameworks;
using LearningLedger.Transcripts;

namespace LearningLedger.Service.Pages.Learners;

/// <summary>A transcript with the titles people know, as the page shows it.</summary>
/// <param name="Document">The transcript.</param>
/// <param name="Paths">Each framework the learner is awarded or may be judged under, as a path from its lowest to its highest level.</param>
/// <param name="Titles">Titles of skills by code.</param>
public sealed record TranscriptView(TranscriptDocument Document, IReadOnlyList<FrameworkPath> Paths, IReadOnlyDictionary<string, string> Titles)
{
    /// <summary>Joins a transcript with the frameworks.</summary>
    /// <param name="document">The transcript.</param>
    /// <param name="current">Frameworks in force.</param>
    /// <param name="granting">Versions that granted one of its awards.</param>
    public static TranscriptView Of(TranscriptDocument document, IReadOnlyList<FrameworkDefinition> current, IReadOnlyList<FrameworkDefinition> granting)
    {
        var all = current.Concat(granting).GroupBy(f => f.Code).Select(g => g.MaxBy(f => f.Version)!).OrderBy(f => f.Code, StringComparer.Ordinal).ToList();
        var touched = all.Where(f => granting.Any(g => g.Code == f.Code) || f.Skills.Any(s => document.Skills.Any(line => line.Skill == s.Code))).ToList();
        var titles = current.Concat(granting).SelectMany(f => f.Skills).GroupBy(s => s.Code).ToDictionary(g => g.Key, g => g.First().Title);
        return new(document, [.. (touched.Count > 0 ? touched : all).Select(f => FrameworkPath.Of(f, document, granting))], titles);
    }

    /// <summary>Title of a skill, or its code.</summary>
    public string SkillTitle(string code) => Titles.GetValueOrDefault(code, code);

    /// <summary>Every event the transcript knows of, by id, in words.</summary>
    public IReadOnlyDictionary<Guid, BasisEvent> Events { get; } = BasisEvent.In(document: Document, Titles);
}

/// <summary>A framework as a path.</summary>
/// <param name="Framework">Its latest version that matters here.</param>
/// <param name="Steps">By level, then code.</param>
public sealed record FrameworkPath(FrameworkDefinition Framework, IReadOnlyList<PathStep> Steps)
{
    /// <summary>The path with the learner's awards on it; milestones only older versions have are kept.</summary>
    public static FrameworkPath Of(FrameworkDefinition framework, TranscriptDocument document, IReadOnlyList<FrameworkDefinition> granting)
    {
        var milestones = framework.Milestones.Concat(granting.Where(g => g.Code == framework.Code).SelectMany(g => g.Milestones)).DistinctBy(m => m.Code);
        return new(framework,
        [
            .. milestones.OrderBy(m => m.Level).ThenBy(m => m.Code, StringComparer.Ordinal)
                .Select(m => new PathStep(m, [.. document.Milestones.Where(line => line.Framework == framework.Code && line.Milestone == m.Code)])),
        ]);
    }

    /// <summary>Title of a milestone, or its code.</summary>
    public string TitleOf(string code) => Steps.FirstOrDefault(s => s.Milestone.Code == code)?.Milestone.Title ?? code;

    /// <summary>How many milestones have a standing award.</summary>
    public int Standing => Steps.Count(s => s.Standing);
}

/// <summary>One milestone on a path.</summary>
/// <param name="Milestone">The milestone.</param>
/// <param name="Awards">Its awards, in the order they were granted.</param>
public sealed record PathStep(Milestone Milestone, IReadOnlyList<MilestoneLine> Awards)
{
    /// <summary>Whether an award stands.</summary>
    public bool Standing => Awards.Any(a => a.Status == AwardStatus.Awarded);
}
