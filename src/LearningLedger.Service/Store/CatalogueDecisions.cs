using LearningLedger.Events;
using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Marten;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Decisions about frameworks and cohorts: load the state, run a pure function, append with the expected version, and again on a lost race.</summary>
public sealed class CatalogueDecisions(IDocumentStore store, NpgsqlDataSource database, Vault vault, TimeProvider time)
{
    /// <summary>Decides on fresh state; the event, if any, is on disk when this returns.</summary>
    /// <typeparam name="TStream"><see cref="Framework"/> or <see cref="Cohort"/>.</typeparam>
    /// <typeparam name="TResult">What the pure function answers.</typeparam>
    /// <param name="by">Who decides.</param>
    /// <param name="stream">The stream's id.</param>
    /// <param name="code">Code of the framework or cohort.</param>
    /// <param name="decide">The pure function: its answer, the event to store, if any, and when that occurred (null: now).</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The answer; null when others were quicker every time.</returns>
    public Task<TResult?> DecideAsync<TStream, TResult>(
        DecidedBy by, Guid stream, string code, Func<TStream?, (TResult Result, ILedgerEvent? Event, DateTimeOffset? Occurred)> decide, CancellationToken cancellation)
        where TStream : class
        where TResult : class =>
        Races.RetryAsync(
            async () =>
            {
                await using var session = store.LightweightSession(by.Tenant);
                var loaded = await session.Events.FetchForWriting<TStream>(stream, cancellation);
                var (result, body, occurred) = decide(loaded.Aggregate);
                if (body is null)
                {
                    return result;
                }

                await using var connection = await database.OpenConnectionAsync(cancellation);
                var key = await StreamKeys.OfTenantAsync(connection, vault, by.Tenant, cancellation);
                var eventId = LedgerIds.Decision(by.Tenant, stream, (loaded.CurrentVersion ?? 0) + 1);
                loaded.AppendOne(DecidedEvents.Wrap(new DecidedEvent(body, occurred ?? time.GetUtcNow()), eventId, by, key, code));
                session.CorrelationId = by.CorrelationId;
                session.LastModifiedBy = by.User;
                await session.SaveChangesAsync(CancellationToken.None);
                Telemetry.Recorded([EventCatalog.Of(body.GetType()).Name], by.Actor);
                return result;
            },
            cancellation);
}
