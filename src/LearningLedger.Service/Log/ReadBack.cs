using LearningLedger.Integrity;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>Reads back what was written and computes it again, before anything is signed: a bit that flips on the way must not be signed for ever.</summary>
public static class ReadBack
{
    /// <summary>Whether leaves, tiles and root of the database belong together from one size to another.</summary>
    /// <param name="connection">Outside the transaction that wrote.</param>
    /// <param name="log">The log as it is.</param>
    /// <param name="from">The size up to which this was checked before.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What is wrong, or the heads of the leaves that were checked.</returns>
    public static async Task<(string? Fault, LeafHeads Heads)> CheckAsync(NpgsqlConnection connection, TenantLog log, long from, CancellationToken cancellation)
    {
        var heads = new LeafHeads(from);
        try
        {
            var replay = await TreeReplay.FromAsync(connection, log, from, [], cancellation);
            await foreach (var (index, leaf) in LogEntries.ReadAsync(connection, log.Log, from, log.Size, cancellation))
            {
                replay.Take(index, leaf);
                heads.Add(index, leaf);
            }

            await replay.CompareTilesAsync(connection, cancellation);
            replay.End();
            return (null, heads);
        }
        catch (Exception e) when (e is InvalidDataException or NoteException or LeafException)
        {
            return (e.Message, heads);
        }
    }
}
