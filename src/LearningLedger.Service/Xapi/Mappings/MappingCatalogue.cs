using System.Collections.Concurrent;
using System.Text.Json;
using LearningLedger.Events;
using LearningLedger.Mappings;
using Npgsql;

namespace LearningLedger.Service.Xapi.Mappings;

/// <summary>The mappings in force, kept in memory and proved current by one cheap count.</summary>
public sealed class MappingCatalogue
{
    private sealed record Known(long Size, IReadOnlyList<MappingDefinition> Latest);

    private readonly ConcurrentDictionary<string, Known> kept = new();

    /// <summary>Asks how many mappings a tenant has published. Of one tenant each, so that PostgreSQL need not plan it anew every time, as it would for a list.</summary>
    public static NpgsqlBatchCommand Count(string tenant)
    {
        var command = new NpgsqlBatchCommand("select count(*) from ledger.mt_events where tenant_id = $1 and type = 'mapping.published'");
        command.Parameters.Add(new() { Value = tenant });
        return command;
    }

    /// <summary>The latest mapping of each framework, by the framework's code, for each tenant that ever published one.</summary>
    /// <param name="connection">To read by what is not in memory.</param>
    /// <param name="sizes">What <see cref="Count"/> gave, of those that have published any.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<MappingDefinition>>> OfAsync(
        NpgsqlConnection connection, IReadOnlyDictionary<string, long> sizes, CancellationToken cancellation)
    {
        var found = new Dictionary<string, IReadOnlyList<MappingDefinition>>();
        foreach (var (tenant, size) in sizes)
        {
            if (!kept.TryGetValue(tenant, out var known) || known.Size != size)
            {
                kept[tenant] = known = await ReadAsync(connection, tenant, cancellation);
            }

            found[tenant] = known.Latest;
        }

        return found;
    }

    private static async Task<Known> ReadAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select data::text from ledger.mt_events where tenant_id = $1 and type = 'mapping.published' order by seq_id", connection);
        command.Parameters.Add(new() { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var size = 0L;
        var latest = new SortedDictionary<string, MappingDefinition>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            size++;
            var mapping = JsonSerializer.Deserialize<MappingPublished>(reader.GetString(0), LedgerJson.Options)!.Mapping;
            latest[mapping.Framework] = mapping;
        }

        return new(size, [.. latest.Values]);
    }
}
