using System.Buffers;
using System.Runtime.CompilerServices;
using LearningLedger.Integrity;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>The leaves of a log in PostgreSQL.</summary>
public static class LogEntries
{
    /// <summary>The leaves with <paramref name="from"/> ≤ index &lt; <paramref name="to"/> that are there, by index.</summary>
    public static async IAsyncEnumerable<(long Index, byte[] Leaf)> ReadAsync(
        NpgsqlConnection connection, int log, long from, long to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select leaf_index, leaf from tlog.entry where log = $1 and leaf_index >= $2 and leaf_index < $3 order by leaf_index", connection);
        command.Parameters.Add(new() { Value = log });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = to });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
        }
    }

    /// <summary>The entry bundle beside a tile of level 0.</summary>
    /// <exception cref="InvalidDataException">Leaves are missing.</exception>
    public static async Task<ReadOnlyMemory<byte>> BundleAsync(NpgsqlConnection connection, int log, TileId tile, CancellationToken cancellation)
    {
        var first = tile.Index * TileId.FullWidth;
        var bundle = new ArrayBufferWriter<byte>(tile.Width * 320);
        var count = 0;
        await foreach (var (_, leaf) in ReadAsync(connection, log, first, first + tile.Width, cancellation))
        {
            EntryBundle.Write(bundle, leaf);
            count++;
        }

        return count == tile.Width ? bundle.WrittenMemory : throw new InvalidDataException($"{tile.EntriesPath} has {count} leaves.");
    }
}
