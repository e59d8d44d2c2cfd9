using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Questions about learners' streams that need no fold.</summary>
public static class LearnerStreams
{
    /// <summary>Whether the tenant has this learner.</summary>
    public static async Task<bool> ExistsAsync(NpgsqlDataSource database, string tenant, Guid learner, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select exists (select from ledger.mt_streams where tenant_id = $1 and id = $2 and type = 'learner')");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = learner });
        return await command.ExecuteScalarAsync(cancellation) is true;
    }
}
