using System.Globalization;
using LearningLedger.Service.Tests.Fixtures;
using Npgsql;

namespace LearningLedger.Service.Tests.Log;

/// <summary>Events put into the tables by hand, as somebody with a database client would.</summary>
internal static class Rows
{
    private const string Columns = "seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, headers, is_archived";

    private const string Headers = """{"occurred": "2026-01-05T10:00:00.000000Z", "source": "https://platform.example/lms", "actor": "key:test", "fp": "x"}""";

    /// <summary>A new learner's stream with one event.</summary>
    internal static async Task<Guid> AppendAsync(NpgsqlConnection connection, string tenant, string data = """{"skill": "alpha", "score": 0.5}""")
    {
        var stream = Guid.NewGuid();
        await using var command = new NpgsqlCommand(
            $"""
            insert into ledger.mt_streams (tenant_id, id, type, version, timestamp) values ($1, $2, 'learner', 1, now());
            """,
            connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = stream });
        await command.ExecuteNonQueryAsync();
        await using var row = new NpgsqlCommand(
            $"""
            insert into ledger.mt_events ({Columns})
              values (nextval('ledger.mt_events_sequence'), $1, $2, 1, $3::jsonb, 'skill.attempted', now(), $4, 'LearningLedger.Events.SkillAttempted, LearningLedger', $5::jsonb, false)
            """,
            connection);
        row.Parameters.Add(new() { Value = Guid.NewGuid() });
        row.Parameters.Add(new() { Value = stream });
        row.Parameters.Add(new() { Value = data });
        row.Parameters.Add(new() { Value = tenant });
        row.Parameters.Add(new() { Value = Headers });
        await row.ExecuteNonQueryAsync();
        return stream;
    }

    /// <summary>One stream of many events, by COPY.</summary>
    internal static async Task CopyAsync(NpgsqlConnection connection, string tenant, int count)
    {
        var stream = Guid.NewGuid();
        await using (var command = new NpgsqlCommand("insert into ledger.mt_streams (tenant_id, id, type, version, timestamp) values ($1, $2, 'learner', $3, now())", connection))
        {
            command.Parameters.Add(new() { Value = tenant });
            command.Parameters.Add(new() { Value = stream });
            command.Parameters.Add(new() { Value = (long)count });
            await command.ExecuteNonQueryAsync();
        }

        await using var numbers = new NpgsqlCommand($"select nextval('ledger.mt_events_sequence') from generate_series(1, {count.ToString(CultureInfo.InvariantCulture)})", connection);
        var sequences = new List<long>();
        await using (var reader = await numbers.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                sequences.Add(reader.GetInt64(0));
            }
        }

        await using var copy = await connection.BeginTextImportAsync($"copy ledger.mt_events ({Columns}) from stdin");
        for (var i = 0; i < count; i++)
        {
            await copy.WriteAsync(string.Join('\t', sequences[i].ToString(CultureInfo.InvariantCulture), Guid.NewGuid().ToString("D"), stream.ToString("D"),
                (i + 1).ToString(CultureInfo.InvariantCulture), """{"skill": "alpha", "score": 0.5}""", "skill.attempted", "2026-01-05T10:00:00Z", tenant,
                "LearningLedger.Events.SkillAttempted, LearningLedger", Headers, "f") + "\n");
        }
    }

    /// <summary>Runs SQL as the owner of the tables.</summary>
    internal static async Task<int> DoAsync(this LedgerFixture fixture, string sql)
    {
        await using var command = fixture.Database().CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }
}
