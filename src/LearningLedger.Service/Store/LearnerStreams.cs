using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Store;

/// <summary>Questions about learners' streams that need no fold.</summary>
public static class LearnerStreams
{
    /// <summary>Why nothing can be said of a learner: 404 the tenant has none such, 410 erased; null when something can.</summary>
    public static async Task<IResult?> RefusalAsync(NpgsqlDataSource database, string tenant, Guid learner, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            select x.erased_at from ledger.mt_streams s left join registry.erasure x on x.tenant = s.tenant_id and x.learner = s.id
              where s.tenant_id = $1 and s.id = $2 and s.type = 'learner'
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = learner });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return !await reader.ReadAsync(cancellation) ? Problems.NotFound($"Learner {learner:D}")
            : reader.IsDBNull(0) ? null
            : Problems.Erased(learner, reader.GetFieldValue<DateTimeOffset>(0));
    }
}
