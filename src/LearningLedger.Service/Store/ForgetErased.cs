using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Drops what is kept in memory of learners who were erased, or whom an identifier no longer means.</summary>
public delegate void Forget(IReadOnlySet<(string Tenant, Guid Learner)> erased);

/// <summary>Has this node forget whom any node erased, whose keys should not stay in memory for long; and whom any node linked, or no longer.</summary>
/// <remarks>An append about an erased or linked learner is refused by the database, whatever a node remembers. Of a link that was ended another node hears within a second.</remarks>
public sealed class ForgetErased(NpgsqlDataSource database, IEnumerable<Forget> memories, TimeProvider time, ILogger<ForgetErased> log) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    // An erasure is stamped before it is committed, and what was resolved before it may be remembered after it.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var looked = DateTimeOffset.MaxValue;
        return Rounds.RunAsync(Pace, time, async stop => looked = await LookAsync(looked, stop), log.NotForgotten, stoppingToken, atOnce: false);
    }

    private async Task<DateTimeOffset> LookAsync(DateTimeOffset since, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            select clock_timestamp(), x.tenant, x.learner from (select 1) one left join (
              select tenant, learner, erased_at as at from registry.erasure union all select tenant, learner, moved_at from registry.identity_move) x
            on x.at > least($1, clock_timestamp()) - $2
            """);
        command.Parameters.Add(new() { Value = since });
        command.Parameters.Add(new() { Value = Overlap });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var erased = new HashSet<(string, Guid)>();
        while (await reader.ReadAsync(cancellation))
        {
            since = reader.GetFieldValue<DateTimeOffset>(0);
            if (!reader.IsDBNull(1))
            {
                erased.Add((reader.GetString(1), reader.GetGuid(2)));
            }
        }

        if (erased.Count > 0)
        {
            foreach (var forget in memories)
            {
                forget(erased);
            }
        }

        return since;
    }
}
