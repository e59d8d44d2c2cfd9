using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Log;

public sealed class StampingTests : IAsyncLifetime
{
    private readonly LocalAuthority authority = new();
    private readonly LedgerFixture ledger;

    public StampingTests() => ledger = new LedgerFixture(new Dictionary<string, string?>
    {
        ["Ledger:Log:HeadsEverySeconds"] = "1",
        ["Ledger:Log:TimestampUrl"] = authority.Url,
        ["Ledger:Log:TimestampEverySeconds"] = "1",
    });

    public Task InitializeAsync() => ledger.InitializeAsync();

    public async Task DisposeAsync()
    {
        await ledger.DisposeAsync();
        authority.Dispose();
    }

    [Fact]
    public async Task A_bundle_shows_when_the_log_held_its_events_on_the_word_of_an_authority()
    {
        using var room = await Classroom.OpenAsync(ledger);
        var (learner, _) = await room.AttemptAsync("ann", "alpha", 0.5);
        var auditor = await Auditor.OfAsync(room.Tenant, authority.PolicyLine);
        var began = DateTimeOffset.UtcNow.AddHours(-1);

        await Expectations.EventuallyAsync(async () => (await auditor.CheckAsync(learner)).LoggedBy > began, "a bundle with a timestamp");

        var report = await auditor.CheckAsync(learner);
        Assert.Equal(0, report.ExitCode);
        Assert.Contains(report.Notes, note => note.StartsWith("notary stamped the log at ", StringComparison.Ordinal));
        var stranger = await (await Auditor.OfAsync(room.Tenant)).CheckAsync(learner);
        Assert.Equal((0, null), (stranger.ExitCode, stranger.LoggedBy));
        Assert.Contains(stranger.Notes, note => note.Contains("counts for nothing", StringComparison.Ordinal));
    }
}
