using System.Data;
using LearningLedger.Service.Host;
using Npgsql;

namespace LearningLedger.Service.Analytics;

/// <summary>Two reads of one snapshot at once, on a connection each.</summary>
internal static class SameSnapshot
{
    // Whoever waits for a second connection holds the first: were these many, they could wait for each other.
    private static readonly SemaphoreSlim Second = new(Limits.SecondConnections);

    /// <summary>What both give. Where others do the same, one after the other.</summary>
    /// <param name="connection">In a transaction that is repeatable read.</param>
    /// <param name="first">Reads on it.</param>
    /// <param name="second">Reads on it, or on one beside it that sees the same.</param>
    /// <param name="cancellation">Ends the wait for the second connection.</param>
    public static async Task<(T First, T Second)> BothAsync<T>(
        NpgsqlConnection connection, Func<NpgsqlConnection, Task<T>> first, Func<NpgsqlConnection, Task<T>> second, CancellationToken cancellation)
    {
        if (!await Second.WaitAsync(TimeSpan.Zero, cancellation))
        {
            return (await first(connection), await second(connection));
        }

        try
        {
            await using var beside = (NpgsqlConnection)((ICloneable)connection).Clone();
            await beside.OpenAsync(cancellation);
            await using var transaction = await beside.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            await using (var export = new NpgsqlCommand("select pg_export_snapshot()", connection))
            {
                // A snapshot's name has hex digits and hyphens alone; the statement takes no parameter.
                await using var import = new NpgsqlCommand($"set transaction snapshot '{await export.ExecuteScalarAsync(cancellation)}'", beside);
                await import.ExecuteNonQueryAsync(cancellation);
            }

            var both = await Task.WhenAll(first(connection), second(beside));
            return (both[0], both[1]);
        }
        finally
        {
            Second.Release();
        }
    }
}
