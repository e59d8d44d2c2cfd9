using System.Data;
using LearningLedger.Service.Analytics;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Log;
using Npgsql;

namespace LearningLedger.Service.Tests.Analytics;

/// <summary>Two connections that read one snapshot.</summary>
public sealed class SameSnapshotTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Both_reads_see_what_was_there_when_the_transaction_began_and_more_of_them_than_there_are_second_connections_too()
    {
        await fixture.DoAsync("create table public.rows_seen (n int)");
        var connections = await Task.WhenAll(Enumerable.Range(0, 2 * Limits.SecondConnections).Select(_ => fixture.Database().OpenConnectionAsync().AsTask()));
        foreach (var connection in connections)
        {
            await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
            Assert.Equal(0, (await SeenAsync(connection)).Rows);
        }

        await fixture.DoAsync("insert into public.rows_seen values (1)");
        var alone = await SameSnapshot.BothAsync(connections[0], SeenAsync, SeenAsync, default);
        var crowd = await Task.WhenAll(connections.Select(c => SameSnapshot.BothAsync(c, SeenAsync, SeenAsync, default)));

        Assert.NotEqual(alone.First.Process, alone.Second.Process);
        Assert.All([alone, .. crowd], both => Assert.Equal((0, 0), (both.First.Rows, both.Second.Rows)));
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }

    private static async Task<(long Rows, int Process)> SeenAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select count(*), pg_backend_pid() from public.rows_seen", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt32(1));
    }
}
