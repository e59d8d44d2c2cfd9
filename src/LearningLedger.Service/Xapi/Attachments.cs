using LearningLedger.Tables;
using Npgsql;
using NpgsqlTypes;

namespace LearningLedger.Service.Xapi;

/// <summary>Attached bytes, in parts sealed under the key of the statement's stream, so that they end with it.</summary>
internal static class Attachments
{
    /// <summary>Bytes of one part: what a reader holds in memory at a time.</summary>
    private const int PartBytes = 256 * 1024;

    /// <summary>Keeps what came with statements.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, IEnumerable<StatementRow> rows, CancellationToken cancellation)
    {
        foreach (var (row, sha2) in rows.SelectMany(r => r.Statement.Attachments.Select(a => (Row: r, Sha2: a))).DistinctBy(a => (a.Row.Tenant, a.Row.Stream, a.Sha2))
            .OrderBy(a => a.Row.Tenant, StringComparer.Ordinal).ThenBy(a => a.Row.Stream).ThenBy(a => a.Sha2, StringComparer.Ordinal))
        {
            var attached = row.Request.Attached[sha2];
            var parts = Math.Max(1, (attached.Content.Length + PartBytes - 1) / PartBytes);
            for (var part = 0; part < parts; part++)
            {
                var bytes = attached.Content[(part * PartBytes)..Math.Min((part + 1) * PartBytes, attached.Content.Length)];
                await using var command = new NpgsqlCommand(
                    """
                    insert into xapi.attachment (tenant, stream, sha2, part, parts, media_type, sealed) values ($1, $2, $3, $4, $5, $6, $7)
                      on conflict (tenant, stream, sha2, part) do nothing
                    """,
                    connection);
                command.Parameters.Add(new() { Value = row.Tenant });
                command.Parameters.Add(new() { Value = row.Stream });
                command.Parameters.Add(new() { Value = sha2 });
                command.Parameters.Add(new() { Value = part });
                command.Parameters.Add(new() { Value = parts });
                command.Parameters.Add(new() { Value = attached.MediaType });
                command.Parameters.Add(new() { Value = Vault.SealBeside(row.Key, Name(sha2, part, parts), bytes.Span), NpgsqlDbType = NpgsqlDbType.Bytea });
                await command.ExecuteNonQueryAsync(cancellation);
            }
        }
    }

    /// <summary>Writes an attachment's bytes part by part, after telling its media type.</summary>
    /// <returns>False when it is not here: the statement only says where it lies.</returns>
    public static async Task<bool> WriteAsync(
        NpgsqlConnection connection, string tenant, Guid stream, byte[] streamKey, string sha2, Func<string, Task> begin, Stream output, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select part, parts, media_type, sealed from xapi.attachment where tenant = $1 and stream = $2 and sha2 = $3 order by part", connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = stream });
        command.Parameters.Add(new() { Value = sha2 });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = false;
        while (await reader.ReadAsync(cancellation))
        {
            if (!found)
            {
                await begin(reader.GetString(2));
                found = true;
            }

            await output.WriteAsync(Vault.OpenBeside(streamKey, Name(sha2, reader.GetInt32(0), reader.GetInt32(1)), reader.GetFieldValue<byte[]>(3)), cancellation);
        }

        return found;
    }

    private static string Name(string sha2, int part, int parts) => $"{sha2}/{part}/{parts}";
}
