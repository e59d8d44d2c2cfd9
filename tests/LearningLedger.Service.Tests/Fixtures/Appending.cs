using LearningLedger.Events;
using LearningLedger.Service.Store;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>Events put straight into streams, for histories that would take many decisions to come about.</summary>
internal static class Appending
{
    internal static NpgsqlDataSource Database(this LedgerFixture fixture) => fixture.Ledger.App.Services.GetRequiredService<NpgsqlDataSource>();

    /// <summary>Appends to a learner's stream as a decision would, at a time of one's own.</summary>
    internal static async Task AppendAsync(this Tenant tenant, Guid learner, DateTimeOffset occurred, params ILedgerEvent[] events)
    {
        var store = tenant.Fixture.Ledger.App.Services.GetRequiredService<IDocumentStore>();
        var by = new DecidedBy(tenant.Name, "person:judge", "test", null);
        await using var session = store.LightweightSession(tenant.Name);
        session.Events.Append(learner, events.Select(e => DecidedEvents.Wrap(new DecidedEvent(e, occurred), Guid.NewGuid(), by, new byte[32], learner.ToString("D"))));
        await session.SaveChangesAsync();
    }

    /// <summary>Appends to a cohort's stream.</summary>
    internal static async Task AppendCohortAsync(this Tenant tenant, string code, ILedgerEvent body)
    {
        var store = tenant.Fixture.Ledger.App.Services.GetRequiredService<IDocumentStore>();
        await using var session = store.LightweightSession(tenant.Name);
        var by = new DecidedBy(tenant.Name, "person:judge", "test", null);
        session.Events.Append(LedgerIds.Cohort(tenant.Name, code), DecidedEvents.Wrap(new DecidedEvent(body, DateTimeOffset.UtcNow), Guid.NewGuid(), by, new byte[32], code));
        await session.SaveChangesAsync();
    }

    /// <summary>The stream's events as the core folds them.</summary>
    internal static async Task<List<RecordedEvent>> StoredAsync(this Tenant tenant, Guid learner)
    {
        await using var connection = await tenant.Fixture.Database().OpenConnectionAsync();
        return await RecordedEvents.OfStreamAsync(connection, tenant.Name, learner, long.MaxValue, CancellationToken.None);
    }

    internal static Task<T> AskAsync<T>(this LedgerFixture fixture, string sql) => fixture.Database().AskAsync<T>(sql);

    /// <summary>One value.</summary>
    internal static async Task<T> AskAsync<T>(this NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    internal static MilestoneAwarded Award(Guid award, string milestone = "base") =>
        new(award, "small", 1, milestone, new string('0', 64), [], new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));
}
