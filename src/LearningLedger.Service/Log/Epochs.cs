using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>
/// After a restore from a backup the database holds less than was signed, and the signer refuses. Only an operator can go on from there: with a new
/// log, whose first leaf is the last checkpoint of the former one. So everybody sees that, and how much, was lost.
/// </summary>
public sealed class Epochs(NpgsqlDataSource database, LogWriter writer, Signer signer, LedgerSettings settings, ILogger<Epochs> log)
{
    /// <summary>Opens the next log of a tenant; all its events get leaves there.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="last">The last checkpoint of the former log that others have kept; null: what the signer remembers and the database holds is known to be the last.</param>
    /// <param name="cancellation">Ends the wait for the database.</param>
    /// <returns>The new log's origin; null when the tenant has no log that could have ended.</returns>
    /// <exception cref="SignerRefusal">The signer's memory is damaged, or what others have kept is not its.</exception>
    public async Task<string?> OpenAsync(string tenant, string? last, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, LogWriter.Lock, tenant, cancellation);
        if (await TenantLog.FindAsync(connection, tenant, cancellation) is not { } ended)
        {
            return null;
        }

        if (last is not null)
        {
            signer.Recall(tenant, last);
        }

        var epoch = NextEpoch(ended);
        var origin = LogOrigins.Of(settings.Log.Origin!, tenant, epoch);
        var note = Latest(tenant, signer.Begin(tenant, origin), ended.Checkpoint);
        var opened = await TenantLog.OpenAsync(connection, tenant, epoch, cancellation);
        if (note is not null)
        {
            await writer.AppendAsync(connection, opened, [new NewLeaf(null, new EpochLeaf(await ClockAsync(connection, cancellation), tenant, note).Bytes())], cancellation);
        }

        await ExecuteAsync(connection, Outbox.Note("select tenant_id, seq_id from ledger.mt_events where tenant_id = $1"), tenant, cancellation);
        await Finding.DropAsync(connection, tenant, [Finding.NotSignedKind, Finding.AlteredKind], cancellation);
        await transaction.CommitAsync(CancellationToken.None);
        log.EpochOpened(tenant, origin);
        return origin;
    }

    /// <summary>One beyond what the database knows of, and beyond what was signed: the backup may be older than the last epoch.</summary>
    private int NextEpoch(TenantLog ended)
    {
        var signed = signer.Last(ended.Tenant);
        var epoch = signed is null ? 0 : LogOrigins.EpochOf(settings.Log.Origin!, ended.Tenant, signed.Origin);

        // Begun with the signer and then interrupted: go on with that one.
        return epoch > ended.Epoch && signed is { Size: 0 } ? epoch : Math.Max(ended.Epoch, epoch) + 1;
    }

    /// <summary>The last of what is known: the signer may have been brought back from an older backup than the database, and remember less.</summary>
    private string? Latest(string tenant, params IEnumerable<string?> notes) =>
        notes.OfType<string>().MaxBy(note => LogOrigins.Reach(settings.Log.Origin!, tenant, Checkpoint.Parse(SignedNote.Parse(note).Text)));

    private static async Task<DateTimeOffset> ClockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select clock_timestamp()", connection);
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellation))!);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, string tenant, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new() { Value = tenant });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
