using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>Two services on one database, with the framework whose awards are due at once.</summary>
internal sealed class TwoServices : IAsyncDisposable
{
    private readonly Place[] places;
    private readonly List<ServiceProcess> services = [];

    private TwoServices(Place place)
    {
        Place = place;
        var beside = place.Beside();
        place.Settings["Ledger__Nodes"] = beside.Settings["Ledger__Nodes"] = "several";
        places = [place, beside];
    }

    /// <summary>Of the first to start; the database is that of both.</summary>
    internal Place Place { get; }

    internal ServiceProcess One => services[0];

    internal ServiceProcess Other => services[1];

    internal static async Task<TwoServices> StartAsync()
    {
        var two = new TwoServices(await Place.WithDatabaseAsync());
        foreach (var place in two.places)
        {
            two.services.Add(await place.StartAsync());
        }

        using var client = two.Client(two.One);
        await Frameworks.PublishDueAsync(client);
        return two;
    }

    internal HttpClient Client(ServiceProcess service) => service.Client(places[services.IndexOf(service)].Key);

    /// <summary>Waits until each has a projection or subscription to run, and tells who leads. The leader's turn ends with its connection, which a suspended process keeps.</summary>
    internal async Task<(ServiceProcess Leader, ServiceProcess Follower)> AtWorkAsync()
    {
        await Expectations.EventuallyAsync(
            async () => await Ledger.AskAsync<long>(
                Place.ConnectionString, "select count(distinct node_id) from wolverine.wolverine_node_assignments where id like 'event-subscriptions:%'") == 2,
            "both services to have work", Ledger.HandedOn);

        // The first to start is node 1.
        var leader = await Ledger.AskAsync<int>(
            Place.ConnectionString,
            "select n.node_number::int from wolverine.wolverine_nodes n join wolverine.wolverine_node_assignments a on a.node_id = n.id where a.id = 'wolverine://leader/'");
        return leader == 1 ? (One, Other) : (Other, One);
    }

    internal async Task<Guid> PostAsync(ServiceProcess service, string subject, string id = "1")
    {
        using var client = Client(service);
        return await PostAsync(client, subject, id);
    }

    /// <summary>An attempt that makes two awards due to a newcomer.</summary>
    /// <returns>The learner.</returns>
    internal static async Task<Guid> PostAsync(HttpClient client, string subject, string id = "1") =>
        (Guid)(await Tenant.PostAsync(client, Tenant.Attempt($"{subject}-{id}", subject, "alpha", 0.9)))["receipts"]![0]!["learner"]!;

    /// <summary>Waits until so much is projected, and sees to it that nothing was twice.</summary>
    internal async Task ProjectedAsync(int attempts, int awards)
    {
        await Ledger.AwardedAsync(Place.ConnectionString, awards);
        await Expectations.EventuallyAsync(
            async () => await Ledger.AskAsync<long>(Place.ConnectionString, "select count(*) from analytics.fact_attempt") == attempts, $"{attempts} attempts in analytics",
            Ledger.HandedOn);
        Assert.All((await Ledger.AwardsAsync(Place.ConnectionString)).Values, times => Assert.Equal(1, times));
    }

    /// <summary>Keeps the services from noting progress, until it is disposed.</summary>
    internal async Task<HeldProgress> HoldProgressAsync()
    {
        var connection = new NpgsqlConnection(Place.ConnectionString);
        await connection.OpenAsync();
        await using var hold = new NpgsqlCommand("begin; select from ledger.mt_event_progression where name like '%:All' for update", connection);
        await hold.ExecuteNonQueryAsync();
        return new(Place, connection);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in services)
        {
            await service.DisposeAsync();
        }

        foreach (var place in places)
        {
            place.Dispose();
        }
    }

    internal sealed class HeldProgress(Place place, NpgsqlConnection connection) : IAsyncDisposable
    {
        /// <summary>Waits until as many sessions wait for it.</summary>
        internal Task IsWantedAsync(int sessions) => Expectations.EventuallyAsync(
            async () => await Ledger.AskAsync<long>(
                place.ConnectionString, $"select count(*) from pg_stat_activity where {connection.ProcessID} = any (pg_blocking_pids(pid))") == sessions,
            $"{sessions} sessions to wait for their progress");

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
