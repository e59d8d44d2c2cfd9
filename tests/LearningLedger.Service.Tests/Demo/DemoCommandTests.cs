using LearningLedger.Service.Host.Demo;
using LearningLedger.Service.Tests.Fixtures;
using Spectre.Console;

namespace LearningLedger.Service.Tests.Demo;

/// <summary>The demo on the real service, and its less happy ways on a ledger in memory.</summary>
public class DemoCommandTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private const string Bootstrap = "ll_bootstrap";
    private static readonly DemoOptions Thirty = new(30, 1, Exit: true);

    [Fact]
    public async Task Agrees_with_the_service_and_again_the_second_time()
    {
        using var client = fixture.Client(key: null);

        var (first, firstText) = await RunAsync(client, fixture.Bootstrap.ToString(), Thirty, DemoWaiting.Patience);
        var (second, secondText) = await RunAsync(client, fixture.Bootstrap.ToString(), Thirty, DemoWaiting.Patience);

        Assert.True(first == 0, firstText);
        Assert.True(second == 0, secondText);
        Assert.Contains("0 events recorded, 3666 were there already", secondText);
        Assert.Contains("0 attempts voided, 0 reviews, 0 awards by a person", secondText);
        Assert.Equal(Shown(firstText), Shown(secondText));
    }

    [Fact]
    public async Task Agrees_with_a_sound_ledger_and_shows_it()
    {
        using var ledger = new FakeLedger(Bootstrap);

        var (code, text) = await RunAsync(ledger, Thirty);

        Assert.True(code == 0, text);
        Assert.Equal(Enumerable.Range(0, 9).Select(level => $"Level {level} "), Lines(text).Where(l => l.StartsWith("Level ")).Select(l => l[..8]));
        Assert.Contains("The ledger agrees with the simulation in everything.", text);
        Assert.DoesNotContain("DIFFER", text);
        Assert.All(Lines(text), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public async Task Posts_only_duplicates_and_decides_nothing_twice_the_second_time()
    {
        using var ledger = new FakeLedger(Bootstrap);
        await RunAsync(ledger, Thirty);
        var (keys, reviews) = (ledger.LiveKeys, ledger.Reviews);

        var (code, text) = await RunAsync(ledger, Thirty);

        Assert.True(code == 0, text);
        Assert.Contains("0 events recorded, ", text);
        Assert.Contains("0 attempts voided, 0 reviews, 0 awards by a person", text);
        Assert.Equal((keys, reviews), (ledger.LiveKeys, ledger.Reviews));
    }

    [Fact]
    public async Task Says_where_a_ledger_that_lost_events_differs()
    {
        using var ledger = new FakeLedger(Bootstrap) { LoseEvery = 500 };

        var (code, text) = await RunAsync(ledger, Thirty);

        Assert.Equal(1, code);
        Assert.Contains("DIFFER", text);
        Assert.Contains("should be", text);
        Assert.Contains("The ledger does not agree with the simulation.", text);
    }

    /// <summary>No seed is unlucky: estimates are as near as they should be in other worlds too, of a handful of learners and of many.</summary>
    [Theory]
    [InlineData(1, 1, 5)]
    [InlineData(6, 6, 5)]
    [InlineData(30, 2, 3)]
    [InlineData(200, 1, 1)]
    public async Task Agrees_whatever_the_seed(int learners, int from, int count)
    {
        for (var seed = from; seed < from + count; seed++)
        {
            using var ledger = new FakeLedger(Bootstrap);
            var (code, text) = await RunAsync(ledger, new DemoOptions(learners, seed, Exit: true));
            Assert.True(code == 0, $"seed {seed}: {text}");
        }
    }

    [Fact]
    public async Task Says_that_it_cannot_go_on_when_the_key_is_wrong()
    {
        using var ledger = new FakeLedger("ll_other");

        var (code, text) = await RunAsync(ledger, Thirty);

        Assert.Equal(1, code);
        Assert.Contains("/v1/keys was answered 401", text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2_001)]
    public async Task Refuses_a_number_of_learners_it_is_not_made_for(int learners)
    {
        using var ledger = new FakeLedger(Bootstrap);

        Assert.Equal(1, (await RunAsync(ledger, Thirty with { Learners = learners })).Code);
        Assert.Equal(0, ledger.Requests);
    }

    private static async Task<(int Code, string Text)> RunAsync(FakeLedger ledger, DemoOptions options)
    {
        using var client = ledger.Client;
        return await RunAsync(client, Bootstrap, options, TimeSpan.FromSeconds(1));
    }

    private static async Task<(int Code, string Text)> RunAsync(HttpClient client, string key, DemoOptions options, TimeSpan patience)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        var code = await DemoCommand.RunAsync(options, client, key, console, patience, CancellationToken.None);
        return (code, output.ToString());
    }

    /// <summary>From the transcript on: what is shown once everything is done.</summary>
    private static string Shown(string text) => text[text.IndexOf("Transcript of", StringComparison.Ordinal)..];

    private static string[] Lines(string text) => [.. text.Split('\n').Select(l => l.TrimEnd('\r'))];
}
