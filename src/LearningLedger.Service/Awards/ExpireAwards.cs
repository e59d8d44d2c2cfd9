using LearningLedger.Awards;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Npgsql;

namespace LearningLedger.Service.Awards;

/// <summary>Ends awards whose time is over, each minute. Harmless on several nodes at once: an expiry is decided on the locked stream like anything else.</summary>
public sealed class ExpireAwards(NpgsqlDataSource database, LearnerDecisions decisions, TimeProvider time, ILogger<ExpireAwards> log) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    // The grants and renewals whose end has passed, unless the last that happened to the award has settled it. Both conditions are indexes (0010).
    private const string Due =
        """
        select distinct g.tenant_id::text, g.stream_id from ledger.mt_events g
          left join lateral (
            select s.type, s.seq_id from ledger.mt_events s
              where s.data ->> 'award' = g.data ->> 'award'
                and s.type in ('award.renewed', 'award.suspended', 'award.reinstated', 'award.revoked', 'award.expired')
              order by s.seq_id desc limit 1) as last on true
          where g.type in ('milestone.awarded', 'award.renewed') and g.data ->> 'expiresAt' is not null
            and (g.data ->> 'expiresAt') collate "C" <= $1
            and (last.type is null or last.type = 'award.reinstated' or last.seq_id = g.seq_id)
        """;

    /// <summary>One pass.</summary>
    /// <param name="now">Awards that end at or before it expire.</param>
    /// <param name="cancellation">Gives up between learners.</param>
    /// <returns>How many awards expired.</returns>
    public async Task<int> ExpireAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var expired = 0;
        foreach (var (tenant, learner) in await DueAsync(now, cancellation))
        {
            try
            {
                // Whoever lost every race is due again in a minute.
                var outcome = await decisions.DecideAsync(
                    DecidedBy.Policy(tenant, "expiry"), learner, ground => (AwardLifecycle.Expire(ground.Transcript, now), null), ifMatch: null, exclusive: true,
                    cancellation);
                expired += outcome is DecisionOutcome.Stored stored ? stored.Events.Count : 0;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One learner's trouble must not keep everybody else's awards standing.
                log.ExpiryFailed(e, tenant, learner);
            }
        }

        return expired;
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Rounds.RunAsync(Every, time, RoundAsync, stoppingToken);

    private async Task RoundAsync(CancellationToken cancellation)
    {
        try
        {
            await ExpireAsync(time.GetUtcNow(), cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.ExpiryPassFailed(e);
        }
    }

    private async Task<List<(string Tenant, Guid Learner)>> DueAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Due);
        command.Parameters.Add(new() { Value = LedgerJson.Text(now) });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var due = new List<(string, Guid)>();
        while (await reader.ReadAsync(cancellation))
        {
            due.Add((reader.GetString(0), reader.GetGuid(1)));
        }

        return due;
    }
}
