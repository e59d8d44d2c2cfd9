using LearningLedger.Xapi;
using Npgsql;

namespace LearningLedger.Service.Xapi;

/// <summary>
/// Erases what the statement store keeps of a learner: their statements' rows and attachments, by what these and other statements are found through
/// the learner's identifiers, and their state and profile documents.
/// </summary>
/// <remarks>What statements of others say of the learner stays sealed in the streams of those others, and is not found by the learner any more.</remarks>
public sealed class EraseStatements(TenantKeys tenantKeys)
{
    /// <summary>Erases, within the transaction of the erasure. Takes the tenant's turn first: nobody stores statements meanwhile.</summary>
    public async Task EraseAsync(NpgsqlConnection connection, string tenant, Guid learner, CancellationToken cancellation)
    {
        var key = await tenantKeys.OfAsync(tenant, cancellation);
        var agents = (await TakeTurnAsync(connection, tenant, learner, cancellation))
            .SelectMany(agent => (MentionKind[])[MentionKind.Agent, MentionKind.RelatedAgent], (agent, kind) => key.Of(new Mention(kind, agent.Text())));
        await using var erase = new NpgsqlCommand("select xapi.erase_learner($1, $2, $3)", connection) { CommandTimeout = 0 };
        erase.Parameters.Add(new() { Value = tenant });
        erase.Parameters.Add(new() { Value = learner });
        erase.Parameters.Add(new() { Value = agents.ToArray() });
        await erase.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Takes the turn, then locks the learner's identities: the order of those who store statements.</summary>
    private static async Task<List<AgentIdentifier>> TakeTurnAsync(NpgsqlConnection connection, string tenant, Guid learner, CancellationToken cancellation)
    {
        var turn = string.Format(System.Globalization.CultureInfo.InvariantCulture, StatementIndex.Turn, "$1");
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"select pg_advisory_xact_lock({turn})") { Parameters = { new() { Value = tenant } } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "select scheme, issuer, value from registry.identity where tenant = $1 and learner = $2 order by scheme, issuer, value for update")
        {
            Parameters = { new() { Value = tenant }, new() { Value = learner } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        var agents = new List<AgentIdentifier>();
        while (await reader.ReadAsync(cancellation))
        {
            agents.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        }

        return agents;
    }
}
