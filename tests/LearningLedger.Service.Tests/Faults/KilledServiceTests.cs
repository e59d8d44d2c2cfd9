using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Faults;

public sealed class KilledServiceTests
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("LEDGER_LONG") == "1";

    [Fact]
    public async Task What_was_acknowledged_before_a_kill_is_there_once_and_posting_all_again_completes_it_on_a_given_database()
    {
        using var place = await Place.WithDatabaseAsync();

        await KillInTheMiddleOfPostingAsync(place, Long ? 40 : 3);
    }

    [Fact]
    public async Task What_was_acknowledged_before_a_kill_is_there_once_and_posting_all_again_completes_it_on_the_private_cluster()
    {
        using var place = Place.WithOwnCluster();

        await KillInTheMiddleOfPostingAsync(place, Long ? 15 : 1);
    }

    private static async Task KillInTheMiddleOfPostingAsync(Place place, int kills)
    {
        var platform = new Platform();
        for (var round = 0; round < kills; round++)
        {
            await using var killed = await place.StartAsync();
            using var client = killed.Client(place.Key);
            var posting = platform.PostUntilGoneAsync(client);
            await platform.AcknowledgedMoreAsync(Random.Shared.Next(30, 400));

            await killed.KillAsync();

            await posting;
        }

        await using var service = await place.StartAsync();
        await Ledger.ShouldHoldAsync(place.ConnectionString, platform, complete: false);
        using var again = service.Client(place.Key);

        await platform.PostAllAgainAsync(again);

        await Ledger.ShouldHoldAsync(place.ConnectionString, platform, complete: true);
        Assert.Equal(0, await platform.PostAllAgainAsync(again));
        await Ledger.ShouldHoldAsync(place.ConnectionString, platform, complete: true);
        Assert.Empty(platform.Refusals);
    }
}
