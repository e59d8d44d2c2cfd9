using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host.Demo;
using Spectre.Console;

namespace LearningLedger.Service.Tests.Demo;

/// <summary>The checks of the questions about cohorts: each agrees with a sound ledger, and finds every single figure that is not as it should be.</summary>
public sealed class DemoQuestionTests(DemoQuestionTests.DoneDemo demo) : IClassFixture<DemoQuestionTests.DoneDemo>
{
    [Theory]
    [InlineData("mastery")]
    [InlineData("assessors")]
    [InlineData("trends")]
    [InlineData("stuck")]
    [InlineData("compare")]
    [InlineData("expiring")]
    public async Task Agrees_with_sound_figures(string question)
    {
        var (counted, estimated) = await demo.AskAsync(question, _ => { });

        Assert.Empty(counted.Differences);
        Assert.Empty(estimated?.Differences ?? []);
    }

    /// <summary>Each figure of the questions, changed by one, by a second or by a ten-thousandth of itself.</summary>
    [Theory]
    [InlineData("mastery?by=learners", "learners/3/skills/2/attempts")]
    [InlineData("mastery?by=learners", "learners/3/skills/2/best")]
    [InlineData("mastery?by=learners", "learners/3/skills/2/passed")]
    [InlineData("mastery?by=learners", "learners/3")]
    [InlineData("mastery?with=", "cohorts/1/members")]
    [InlineData("mastery?with=", "cohorts/0/skills/4/tried")]
    [InlineData("mastery?with=", "cohorts/1/skills/4/passed")]
    [InlineData("assessors", "assessors/0/reviews")]
    [InlineData("assessors", "assessors/1/learners")]
    [InlineData("assessors", "assessors/1/acceptanceRate")]
    [InlineData("assessors", "assessors/0/medianHours")]
    [InlineData("assessors", "agreement/0/items")]
    [InlineData("assessors", "agreement/0/kappa")]
    [InlineData("assessors", "overall/items")]
    [InlineData("assessors", "overall/fleissKappa")]
    [InlineData("trends", "weeks/5/attempts")]
    [InlineData("trends", "weeks/5/learners")]
    [InlineData("trends", "weeks/5/evidence")]
    [InlineData("trends", "weeks/5/awarded")]
    [InlineData("trends", "weeks/0/joined")]
    [InlineData("trends", "weeks/5/ended")]
    [InlineData("trends", "weeks/5")]
    [InlineData("stuck", "learners/1")]
    [InlineData("stuck", "learners/1/milestone")]
    [InlineData("stuck", "learners/1/lastProgress")]
    [InlineData("stuck", "learners/1/idleDays")]
    [InlineData("stuck", "learners/1/skill")]
    [InlineData("stuck", "learners/1/attempts")]
    [InlineData("stuck", "learners/2/best")]
    [InlineData("stuck", "blocked/0/learners")]
    [InlineData("stuck", "members")]
    [InlineData("stuck", "stuck")]
    [InlineData("compare", "milestones/2/first/awarded")]
    [InlineData("compare", "milestones/2/second/members")]
    [InlineData("compare", "milestones/2/second/share")]
    [InlineData("compare", "milestones/2/difference")]
    [InlineData("compare", "skills/7/first/learners")]
    [InlineData("compare", "skills/7/second/mean")]
    [InlineData("compare", "skills/7/hedgesG")]
    [InlineData("expiring", "awards/0")]
    [InlineData("expiring", "awards/0/expiresAt")]
    [InlineData("expiring", "milestones/0/awards")]
    public async Task Finds_a_figure_that_is_a_little_wrong(string question, string figure)
    {
        var (counted, _) = await demo.AskAsync(question, answer => Change(answer, figure));

        Assert.NotEmpty(counted.Differences);
    }

    /// <summary>Estimates may be off by chance, but not as far as this.</summary>
    [Theory]
    [InlineData("assessors", "assessors/0/acceptanceRate", 0.7)]
    [InlineData("assessors", "assessors/0/acceptanceInterval/upper", 0.1)]
    [InlineData("assessors", "assessors/1/medianHours", 1.8)]
    [InlineData("assessors", "agreement/0/kappa", -2)]
    [InlineData("assessors", "overall/fleissKappa", -2)]
    [InlineData("compare", "skills/0/hedgesG", 20)]
    [InlineData("compare", "skills/0/interval/upper", -20)]
    [InlineData("compare", "milestones/0/difference", 20)]
    [InlineData("compare", "milestones/0/interval/lower", -20)]
    public async Task Finds_an_estimate_far_from_what_was_simulated(string question, string figure, double times)
    {
        var (_, estimated) = await demo.AskAsync(question, answer => Change(answer, figure, times));

        Assert.Single(estimated!.Differences);
    }

    /// <summary>Changes a part of an answer, found by names and places: a number, a truth, a time, a word, or takes away an object.</summary>
    private static void Change(JsonNode answer, string path, double? times = null)
    {
        var at = path.Split('/').Aggregate(answer, (node, step) => (int.TryParse(step, out var place) ? node[place] : node[step])!);
        if (at is not JsonValue value)
        {
            at.Parent!.AsArray().Remove(at);
            return;
        }

        var text = value.ToJsonString().Trim('"');
        at.ReplaceWith(value.GetValueKind() switch
        {
            JsonValueKind.True or JsonValueKind.False => JsonValue.Create(text == "false"),
            JsonValueKind.Number when times is { } factor => JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture) * factor),
            JsonValueKind.Number when long.TryParse(text, out var count) => JsonValue.Create(count + 1),
            JsonValueKind.Number => JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture) * 1.0001),
            _ when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time) => JsonValue.Create(LedgerJson.Text(time.AddSeconds(1))),
            _ => JsonValue.Create(text + "x"),
        });
    }

    /// <summary>A ledger in memory on which the demo has done everything.</summary>
    public sealed class DoneDemo : IAsyncLifetime
    {
        private readonly FakeLedger ledger = new("ll_bootstrap");
        private DemoView view = null!;

        /// <summary>Asks one question and checks the answer, changed before: what is counted, and what is estimated if anything is.</summary>
        internal async Task<(DemoCheck Counted, DemoCheck? Estimated)> AskAsync(string question, Action<JsonNode> change)
        {
            ledger.Spoil = (asked, answer) =>
            {
                if (asked.StartsWith(question, StringComparison.Ordinal))
                {
                    change(answer);
                }
            };
            return question.Split('?')[0] switch
            {
                "mastery" => (await MasteryCheck.AskAsync(view, default), null),
                "assessors" => Both(await AssessorsCheck.AskAsync(view, default)),
                "trends" => (await TrendsCheck.AskAsync(view, default), null),
                "stuck" => (await StuckCheck.AskAsync(view, default), null),
                "compare" => Both(await CompareCheck.AskAsync(view, default)),
                _ => (await ExpiringCheck.AskAsync(view, default), null),
            };

            static (DemoCheck, DemoCheck) Both(IReadOnlyList<DemoCheck> checks) => (checks[0], checks[1]);
        }

        /// <inheritdoc/>
        public async Task InitializeAsync()
        {
            using var output = new StringWriter();
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
            var options = new DemoOptions(30, 1, Exit: true);
            Assert.Equal(0, await DemoCommand.RunAsync(options, ledger.Client, "ll_bootstrap", console, TimeSpan.FromSeconds(1), default));

            var (api, simulation) = (new DemoApi(ledger.Client), DemoSimulation.Run(options, DemoFramework.Read()));
            var stage = new DemoStage(api, await DemoKeys.MakeAsync(api, "ll_bootstrap", default), simulation, DemoTruth.Of(simulation), console);
            var posted = await Posted.PostAsync(stage, default);
            view = DemoView.Of(stage, posted, await stage.TranscriptsAsync(posted.Learners, default), await stage.FunnelAsync(default));
        }

        /// <inheritdoc/>
        public Task DisposeAsync()
        {
            ledger.Dispose();
            return Task.CompletedTask;
        }
    }
}
