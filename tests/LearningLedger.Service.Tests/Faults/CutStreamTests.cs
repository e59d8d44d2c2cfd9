using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>A stream that ends in the middle, whoever ends it, is sent again from its beginning.</summary>
public sealed class CutStreamTests
{
    private const int Events = 6_000;

    private static readonly string[] Lines = [.. Enumerable.Range(0, Events).Select(i => Tenant.Attempt($"e-{i}", $"s{i % 100}", "linux-fundamentals", 0.5))];

    [Fact]
    public async Task A_stream_cut_by_a_killed_service_and_sent_again_records_each_event_once()
    {
        using var place = await Place.WithDatabaseAsync();
        var acknowledged = 0;
        await using (var killed = await place.StartAsync())
        {
            using var stream = await OpenStream.BeginAsync(killed.Url, place.Key.ToString());
            await stream.SendAsync(Lines.Take(Events / 2));
            while (acknowledged < 1_000) acknowledged = (int)(await stream.LineAsync())!["to"]!;

            await killed.KillAsync();
        }

        Assert.InRange(await StoredAsync(place), acknowledged, Events / 2);
        await using var service = await place.StartAsync();
        await SendAgainAsync(service, place, acknowledged);
    }

    [Fact]
    public async Task A_stream_cut_by_its_sender_and_sent_again_records_each_event_once()
    {
        using var place = await Place.WithDatabaseAsync();
        await using var service = await place.StartAsync();
        var acknowledged = 0;
        using (var stream = await OpenStream.BeginAsync(service.Url, place.Key.ToString()))
        {
            await stream.SendAsync(Lines.Take(Events / 2));
            while (acknowledged < 1_000) acknowledged = (int)(await stream.LineAsync())!["to"]!;
            await stream.SendTextAsync(Lines[Events / 2][..30]);
        }

        await SendAgainAsync(service, place, acknowledged);
        Assert.Equal(0, await service.StopAsync());
        Assert.DoesNotContain("fail:", service.Output, StringComparison.Ordinal);
    }

    private static async Task SendAgainAsync(ServiceProcess service, Place place, int acknowledged)
    {
        using var again = await OpenStream.BeginAsync(service.Url, place.Key.ToString());
        await again.SendAsync(Lines);
        await again.EndAsync();
        var answers = await again.RestAsync();

        Assert.Equal(Events, (int)answers[^1]["to"]!);
        Assert.Equal(Events, answers.Sum(l => (int)l["accepted"]! + (int)l["duplicates"]!));
        Assert.InRange(answers.Sum(l => (int)l["duplicates"]!), acknowledged, Events / 2);
        Assert.Equal(Events, await StoredAsync(place));
        Assert.Equal(Events, await Ledger.AskAsync<long>(place.ConnectionString, "select count(distinct id) from ledger.mt_events where type = 'skill.attempted'"));
        Assert.Equal(0, await Ledger.AskAsync<long>(
            place.ConnectionString,
            """
            select count(*) from (select stream_id from ledger.mt_events where stream_id in (select id from ledger.mt_streams where type = 'learner')
              group by stream_id having max(version) <> count(*) or count(*) <> 61) broken
            """));
    }

    private static Task<long> StoredAsync(Place place) => Ledger.AskAsync<long>(place.ConnectionString, "select count(*) from ledger.mt_events where type = 'skill.attempted'");
}
