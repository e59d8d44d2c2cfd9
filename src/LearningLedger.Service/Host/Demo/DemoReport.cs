using System.Globalization;
using LearningLedger.Transcripts;
using Spectre.Console;

namespace LearningLedger.Service.Host.Demo;

/// <summary>Shows what came of it, for people; no line is longer than 80 characters.</summary>
internal static class DemoReport
{
    private const int Bar = 20;
    private const int DifferencesShown = 5;

    /// <summary>One learner's transcript: every award with the events it rests on.</summary>
    public static void Transcript(DemoStage stage, DemoLearner learner, TranscriptDocument transcript)
    {
        Heading(stage, $"Transcript of {learner.Subject}, as far as event {transcript.Position.Sequence}");
        foreach (var line in transcript.Milestones)
        {
            var title = stage.Milestones.FirstOrDefault(m => m.Code == line.Milestone) is { } known ? $"{known.Level} {known.Title}" : line.Milestone;
            var basis = string.Join(", ", line.Basis.Take(3).Select(b => $"#{b.Sequence} {b.EventId.ToString("D")[..8]}"));
            stage.Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Cut(title, 38),-38} {line.Status.ToString().ToLowerInvariant(),-9} {line.AwardedAt:yyyy-MM-dd} {line.DecidedBy}"));
            stage.Console.WriteLine($"    {(line.Flagged ? "flagged; " : "")}rests on {line.Basis.Count} events: {basis}{(line.Basis.Count > 3 ? ", ..." : "")}");
        }

        stage.Console.WriteLine($"Learner {transcript.Learner:D}, {transcript.Skills.Sum(s => s.Attempts)} attempts at {transcript.Skills.Count} skills.");
    }

    /// <summary>The cohort, level by level.</summary>
    public static void Funnel(DemoStage stage, FunnelAnswer funnel)
    {
        Heading(stage, $"Cohort {funnel.Cohort}, as far as event {funnel.Sequence}");
        foreach (var line in funnel.Milestones.OrderBy(m => m.Level))
        {
            var share = line.Members == 0 ? 0 : (double)line.Granted / line.Members;
            var title = stage.Milestones.FirstOrDefault(m => m.Code == line.Milestone)?.Title ?? line.Milestone;
            stage.Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Level {line.Level}  {line.Granted,4} of {line.Members,-4} {share * 100,5:0.0} %  {Bars(share)}  {Cut(title, 26)}"));
        }
    }

    /// <summary>The skills with the lowest share of passing attempts.</summary>
    public static void HardestSkills(DemoStage stage, SkillsAnswer skills)
    {
        Heading(stage, "Hardest skills");
        var titles = stage.Simulation.Framework.Skills.ToDictionary(s => s.Code, s => s.Title);
        foreach (var s in skills.Skills.Where(s => s.PassRate is not null).OrderBy(s => s.PassRate).ThenBy(s => s.Skill, StringComparer.Ordinal).Take(5))
        {
            stage.Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{s.PassRate * 100,5:0.0} % of {s.Attempts,5} attempts by {s.Learners,4} learners pass   {titles.GetValueOrDefault(s.Skill, s.Skill)}"));
        }
    }

    /// <summary>The comparisons, and whether all agree.</summary>
    public static bool Checks(DemoStage stage, IReadOnlyList<DemoCheck> checks)
    {
        Heading(stage, "Ledger and simulation");
        foreach (var check in checks)
        {
            var agrees = check.Differences.Count == 0;
            stage.Console.MarkupLine($"{(agrees ? "[green]agree[/] " : "[red]DIFFER[/]")}  {Markup.Escape(check.What)}");
            foreach (var difference in check.Differences.Take(DifferencesShown))
            {
                stage.Console.WriteLine($"        {difference}");
            }

            if (check.Differences.Count > DifferencesShown)
            {
                stage.Console.WriteLine($"        and {check.Differences.Count - DifferencesShown} more");
            }
        }

        var all = checks.All(c => c.Differences.Count == 0);
        stage.Console.WriteLine(all ? "The ledger agrees with the simulation in everything." : "The ledger does not agree with the simulation.");
        return all;
    }

    private static void Heading(DemoStage stage, string text)
    {
        stage.Console.WriteLine();
        stage.Console.MarkupLine($"[bold]{Markup.Escape(text)}[/]");
    }

    private static string Cut(string text, int longest) => text.Length > longest ? text[..(longest - 3)] + "..." : text;

    private static string Bars(double share) => new string('#', (int)Math.Round(share * Bar)).PadRight(Bar, '.');
}
