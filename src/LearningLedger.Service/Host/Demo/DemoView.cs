using System.Globalization;
using LearningLedger.Transcripts;

namespace LearningLedger.Service.Host.Demo;

/// <summary>Asks about the cohorts, all at the one point of the ledger the transcripts show.</summary>
/// <param name="Stage">What is true.</param>
/// <param name="Sequence">That point; the service answers when it has counted so far.</param>
/// <param name="ComputedAt">What "now" is to the questions, nearly: when about that point was recorded. The same on every run on the same ledger.</param>
/// <param name="Learners">The ledger's id of each learner, in the order of learners.</param>
/// <param name="AwardedAt">By learner, for each level they hold: when its award takes effect.</param>
internal sealed record DemoView(
    DemoStage Stage, long Sequence, DateTimeOffset ComputedAt, IReadOnlyList<Guid> Learners, IReadOnlyList<IReadOnlyList<DateTimeOffset>> AwardedAt)
{
    private readonly Dictionary<Guid, string> subjects = Learners.Zip(Stage.Simulation.Learners, (id, learner) => (id, learner.Subject)).DistinctBy(l => l.id)
        .ToDictionary(l => l.id, l => l.Subject);

    /// <summary>The view of a stage on which all is done.</summary>
    public static DemoView Of(DemoStage stage, Posted posted, IReadOnlyList<TranscriptDocument> transcripts, FunnelAnswer funnel) => new(
        stage,
        transcripts.Max(t => t.Position.Sequence),
        funnel.ComputedAt,
        posted.Learners,
        [.. stage.Truth.AwardedAt.Select((times, i) => times.Select((at, level) => at ?? Decided(transcripts[i], stage.Milestones[level].Code)).ToList())]);

    /// <summary>What a person decided on while the demo ran took effect then, which no simulation knows; that it was awarded at all is checked elsewhere.</summary>
    private static DateTimeOffset Decided(TranscriptDocument transcript, string milestone) =>
        transcript.Milestones.FirstOrDefault(m => m.Milestone == milestone)?.AwardedAt ?? DateTimeOffset.MaxValue;

    /// <summary>The answer to a question about a cohort.</summary>
    public Task<T> AskAsync<T>(string cohort, string question, CancellationToken ct) => Stage.Api.GetAsync<T>(
        Stage.Keys.Analyst,
        string.Create(CultureInfo.InvariantCulture, $"/v1/cohorts/{cohort}/analytics/{question}{(question.Contains('?') ? '&' : '?')}asOf=seq:{Sequence}"),
        ct);

    /// <summary>What the platform calls a learner.</summary>
    public string Subject(Guid learner) => subjects.GetValueOrDefault(learner, $"{learner:D}");

    /// <summary>Whole days from a time in the middle of others until now: a question about them then finds some and leaves others.</summary>
    public int DaysToMiddle(IEnumerable<DateTimeOffset> times)
    {
        var ordered = times.Order().ToList();
        return ordered.Count == 0 ? 1 : Math.Clamp((int)Math.Abs((ComputedAt - ordered[ordered.Count / 2]).TotalDays), 1, 3_650);
    }
}
