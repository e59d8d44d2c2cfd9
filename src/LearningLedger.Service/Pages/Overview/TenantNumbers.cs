using Npgsql;

namespace LearningLedger.Service.Pages.Overview;

/// <summary>An organisation in a few numbers.</summary>
/// <param name="Learners">Learners it knows.</param>
/// <param name="OpenEvidence">Pieces of evidence that wait for a verdict.</param>
/// <param name="Logged">Leaves of its tamper-evident log.</param>
/// <param name="Signed">How many of them the last signed checkpoint covers.</param>
/// <param name="Findings">What does not agree between ledger and log.</param>
/// <param name="Sequence">Head of the ledger.</param>
/// <param name="Projected">How far the numbers of learners and evidence have come.</param>
public sealed record TenantNumbers(long Learners, long OpenEvidence, long Logged, long Signed, long Findings, long Sequence, long Projected)
{
    // Each is an index scan of the tenant's own rows, or one row.
    private const string Sql =
        """
        select (select count(*) from analytics.dim_learner where tenant = $1),
          (select count(*) from analytics.open_evidence where tenant = $1),
          coalesce((select size from tlog.log where tenant = $1 order by epoch desc limit 1), 0), coalesce((select checkpoint_size from tlog.log where tenant = $1 order by epoch desc limit 1), 0),
          (select count(*) from tlog.finding where tenant = $1),
          coalesce((select max(seq_id) from ledger.mt_events), 0),
          coalesce((select last_seq_id from ledger.mt_event_progression where name = 'Analytics:All'), 0)
        """;

    /// <summary>The numbers now.</summary>
    public static async Task<TenantNumbers> ReadAsync(NpgsqlDataSource database, string tenant, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6));
    }
}
