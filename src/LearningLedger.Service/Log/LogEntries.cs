using System.Buffers;
using LearningLedger.Integrity;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>The leaves of a log in PostgreSQL.</summary>
public static class LogEntries
{
    /// <summary>The entry bundle beside a tile of level 0.</summary>
    /// <exception cref="InvalidDataException">Leaves are missing.</exception>
    public static async Task<ReadOnlyMemory<byte>> BundleAsync(NpgsqlConnection connection, int log, TileId tile, CancellationToken cancellation)
    {
        var first = tile.Index * TileId.FullWidth;
        await using var command = new NpgsqlCommand("select leaf from tlog.entry where log = $1 and leaf_index >= $2 and leaf_index < $3 order by leaf_index", connection);
        command.Parameters.Add(new() { Value = log });
        command.Parameters.Add(new() { Value = first });
        command.Parameters.Add(new() { Value = first + tile.Width });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var bundle = new ArrayBufferWriter<byte>(tile.Width * 320);
        var count = 0;
        while (await reader.ReadAsync(cancellation))
        {
            EntryBundle.Write(bundle, reader.GetFieldValue<byte[]>(0));
            count++;
        }

        return count == tile.Width ? bundle.WrittenMemory : throw new InvalidDataException($"{tile.EntriesPath} has {count} leaves.");
    }
}
