using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>
/// The logs as files: C2SP tlog-tiles below <c>/log/{tenant}</c>, and below <c>/log/{tenant}/{epoch}</c> for a log opened after a restore from a
/// backup, as in its origin. A path never means something else later, so caches may keep tiles for ever.
/// </summary>
public static class LogFiles
{
    private const string Text = "text/plain; charset=utf-8";
    private const string Octets = "application/octet-stream";

    /// <summary>Maps the routes; they need a key with the scope audit:read of that tenant, unless a setting opens them.</summary>
    public static void Map(WebApplication app, LedgerSettings settings)
    {
        foreach (var prefix in (string[])["/log/{tenant}", "/log/{tenant}/{epoch:int:min(2)}"])
        {
            var group = app.MapGroup(prefix);
            group.MapGet("/checkpoint", CheckpointAsync).WithName($"checkpoint {prefix}").WithSummary("The last signed checkpoint of the log.");
            group.MapGet("/key", KeyAsync).WithSummary("The verifier key of the log's checkpoints, one line. Compare it with the one you were given by another way.");
            group.MapGet("/receipt-key", ReceiptKeyAsync).WithSummary("The verifier key of the receipts for events of this log, one line.");
            group.MapGet("/witness-key", WitnessKeyAsync).WithSummary("The verifier key of the cosignature that dates the log, one line. With it in a policy the age of a checkpoint can be told.");
            group.MapGet("/tile/{**path}", TileAsync).WithSummary("A tile of hashes, or a bundle of entries (tile/entries/...).");
            if (settings.Log.Public)
            {
                group.AllowAnonymous();
            }
            else
            {
                group.RequireAuthorization(new RequiresScopeAttribute(Scopes.AuditRead));
            }
        }
    }

    private static async Task<IResult> CheckpointAsync(
        string tenant, int? epoch, HttpContext context, NpgsqlDataSource database, LedgerSettings settings, CancellationToken cancellation)
    {
        if (!IsOpenTo(context, tenant, settings) || await FindAsync(database, tenant, epoch, cancellation) is not { } log)
        {
            return Problems.NotFound($"A log of tenant {tenant}");
        }

        if (log.Successor is { } successor)
        {
            // Relative, so that it holds behind whatever prefix a proxy serves the log.
            context.Response.Headers.Link = $"<{(epoch is null ? "" : "../")}{successor}>; rel=\"successor-version\"";
            return Problems.Of(410, "log-ended", $"This log has ended, and goes on as /log/{tenant}/{successor}, whose first leaf holds this one's last checkpoint.");
        }

        context.Response.Headers.CacheControl = "no-cache";
        return log.Checkpoint is null
            ? Problems.Later(context, 503, "The log has no signed checkpoint yet.", seconds: 1)
            : Results.Text(log.Checkpoint, Text);
    }

    private static async Task<IResult> KeyAsync(
        string tenant, int? epoch, HttpContext context, NpgsqlDataSource database, Signer signer, LedgerSettings settings, CancellationToken cancellation) =>
        IsOpenTo(context, tenant, settings) && await FindAsync(database, tenant, epoch, cancellation) is not null
            ? Results.Text(signer.Verifier(LogOrigins.Of(settings.Log.Origin!, tenant, epoch ?? 1)) + "\n", Text)
            : Problems.NotFound($"A log of tenant {tenant}");

    private static async Task<IResult> ReceiptKeyAsync(
        string tenant, int? epoch, HttpContext context, NpgsqlDataSource database, ReceiptSigner receipts, LedgerSettings settings, CancellationToken cancellation) =>
        IsOpenTo(context, tenant, settings) && await FindAsync(database, tenant, epoch, cancellation) is not null
            ? Results.Text(receipts.Verifier(LogOrigins.Of(settings.Log.Origin!, tenant, epoch ?? 1)) + "\n", Text)
            : Problems.NotFound($"A log of tenant {tenant}");

    private static async Task<IResult> WitnessKeyAsync(
        string tenant, int? epoch, HttpContext context, NpgsqlDataSource database, WitnessKey witness, LedgerSettings settings, CancellationToken cancellation) =>
        IsOpenTo(context, tenant, settings) && await FindAsync(database, tenant, epoch, cancellation) is not null
            ? Results.Text(witness.Verifier + "\n", Text)
            : Problems.NotFound($"A log of tenant {tenant}");

    private static async Task<IResult> TileAsync(
        string tenant, int? epoch, string path, HttpContext context, NpgsqlDataSource database, LedgerSettings settings, CancellationToken cancellation)
    {
        if (!TileId.TryParse("tile/" + path, out var tile, out var entries) || !IsOpenTo(context, tenant, settings)
            || await FindAsync(database, tenant, epoch, cancellation) is not { } log || tile.Width > TileId.WidthIn(log.CheckpointSize, tile.Level, tile.Index))
        {
            return Problems.NotFound("A tile of this name");
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var bytes = entries
            ? await LogEntries.BundleAsync(connection, log.Log, tile, cancellation)
            : (await StoredTiles.LoadAsync(connection, log.Log, [tile], cancellation))(tile);
        context.Response.Headers.CacheControl = settings.Log.Public ? "public, max-age=31536000, immutable" : "private, max-age=31536000, immutable";
        return Results.Bytes(entries ? bytes : bytes[..(tile.Width * TreeHash.Size)], Octets);
    }

    private static bool IsOpenTo(HttpContext context, string tenant, LedgerSettings settings) => settings.Log.Public || context.Caller().Tenant == tenant;

    private sealed record Found(int Log, long CheckpointSize, string? Checkpoint, int? Successor);

    private static async Task<Found?> FindAsync(NpgsqlDataSource database, string tenant, int? epoch, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            select l.log, l.checkpoint_size, l.checkpoint, (select min(later.epoch) from tlog.log later where later.tenant = l.tenant and later.epoch > l.epoch)
              from tlog.log l where l.tenant = $1 and l.epoch = $2
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = epoch ?? 1 });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new Found(reader.GetInt32(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetInt32(3))
            : null;
    }
}
