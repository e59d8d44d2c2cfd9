using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Faults;

/// <summary>The tables behind the service, looked at without it.</summary>
internal static class Ledger
{
    /// <summary>A service that is gone or suspended is given up only after it has been silent for a while, and then its work is handed on.</summary>
    internal static readonly TimeSpan HandedOn = TimeSpan.FromMinutes(3);

    /// <summary>Holds the ledger against the platform's book: nothing acknowledged is missing, no stream has a gap, each subject is one learner.</summary>
    /// <param name="connectionString">Where the ledger is.</param>
    /// <param name="platform">The book.</param>
    /// <param name="complete">Whether everything sent has been acknowledged, so that nothing else may be there either.</param>
    internal static async Task ShouldHoldAsync(string connectionString, Platform platform, bool complete)
    {
        await using var database = Open(connectionString);
        var stored = await EventsAsync(database);
        Assert.All(platform.Acknowledged, a => Assert.Equal((a.Value.Learner, a.Value.Version), stored.GetValueOrDefault(a.Value.EventId)));
        if (complete)
        {
            Assert.Equal(platform.Sent.Count, stored.Count);
            Assert.Equal(platform.Acknowledged.Values.Select(a => a.EventId).Order(), stored.Keys.Order());
            Assert.Equal(platform.Subjects.Count, await database.AskAsync<long>("select count(*) from registry.identity"));
        }

        // Each stream begins with its only registration and has every version up to its last.
        Assert.Equal(0, await database.AskAsync<long>(
            """
            select count(*) from (
              select stream_id from ledger.mt_events where stream_id in (select id from ledger.mt_streams where type = 'learner')
              group by tenant_id, stream_id
              having min(version) <> 1 or max(version) <> count(*) or count(*) filter (where type = 'learner.registered' and version = 1) <> 1
                or count(*) filter (where type = 'learner.registered') <> 1) as broken
            """));
        var learners = await database.AskAsync<long>("select count(*) from registry.identity");
        Assert.Equal(learners, await database.AskAsync<long>("select count(*) from ledger.mt_streams where type = 'learner'"));
        Assert.Equal(learners, await database.AskAsync<long>("select count(distinct learner) from registry.identity"));
        Assert.Equal(learners, await database.AskAsync<long>("select count(*) from ledger.mt_events where type = 'learner.registered'"));
        Assert.Equal(learners, await database.AskAsync<long>("select count(*) from vault.learner_key"));
    }

    /// <summary>How many times each learner has been awarded each milestone.</summary>
    internal static async Task<Dictionary<(Guid Learner, string Milestone), long>> AwardsAsync(string connectionString)
    {
        await using var database = Open(connectionString);
        await using var command = database.CreateCommand("select stream_id, data ->> 'milestone', count(*) from ledger.mt_events where type = 'milestone.awarded' group by 1, 2");
        await using var reader = await command.ExecuteReaderAsync();
        var awards = new Dictionary<(Guid, string), long>();
        while (await reader.ReadAsync()) awards.Add((reader.GetGuid(0), reader.GetString(1)), reader.GetInt64(2));
        return awards;
    }

    /// <summary>Waits until as many milestones are awarded.</summary>
    internal static Task AwardedAsync(string connectionString, int awards) =>
        Expectations.EventuallyAsync(async () => (await AwardsAsync(connectionString)).Count >= awards, $"{awards} awards", HandedOn);

    /// <summary>One value.</summary>
    internal static async Task<T> AskAsync<T>(string connectionString, string sql)
    {
        await using var database = Open(connectionString);
        return await database.AskAsync<T>(sql);
    }

    private static async Task<Dictionary<Guid, (Guid Stream, long Version)>> EventsAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("select id, stream_id, version from ledger.mt_events where type = 'skill.attempted'");
        await using var reader = await command.ExecuteReaderAsync();
        var events = new Dictionary<Guid, (Guid, long)>();
        while (await reader.ReadAsync()) events.Add(reader.GetGuid(0), (reader.GetGuid(1), reader.GetInt64(2)));
        return events;
    }

    private static NpgsqlDataSource Open(string connectionString) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
}
