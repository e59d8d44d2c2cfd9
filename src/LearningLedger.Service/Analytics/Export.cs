using System.Globalization;
using System.Text;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Analytics;

/// <summary>Analysts take whole tables and views with them, as CSV or Parquet.</summary>
/// <remarks>Rows go from the database to the client as they come; columns stand in the order of the data dictionary.</remarks>
public static class ExportEndpoint
{
    private const string CsvType = "text/csv";
    private const string ParquetType = "application/vnd.apache.parquet";

    /// <summary>What is not anybody's to take: it tells of logins, of other tenants, or is unfolded by the suppressed views.</summary>
    private static readonly string[] Kept = ["analyst", "high_water_note", "released_answer", "kept_standing", "kept_standing_skill"];

    /// <summary>
    /// A table or view of schema <c>analytics</c>: <c>?format=csv|parquet</c> or <c>Accept</c>; tables up to <c>asOf</c>, views as they are now.
    /// The views <c>suppressed_*</c> are open to who may read analytics; all others tell of single learners and take a minimum cell of 1, or the scope audit:read as well.
    /// 400, 403, 404, 406 another format, 503 not projected yet.
    /// </summary>
    [WolverineGet("/v1/analytics/exports/{name}"), RequiresScope(Scopes.AnalyticsRead)]
    public static async Task<IResult> Get(string name, HttpContext context, NpgsqlDataSource database, LedgerSettings settings, CancellationToken cancellation)
    {
        if (Format(context.Request) is not { } type)
        {
            return Problems.Of(406, "not-acceptable", $"Exports are {CsvType} (?format=csv) or {ParquetType} (?format=parquet).");
        }

        string? text = context.Request.Query["asOf"];
        var asOf = text is null ? null : AsOf.Parse(text);
        if (text is not null && asOf is null)
        {
            return Problems.BadRequest(AsOf.Rule);
        }

        var caller = context.Caller();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (Kept.Contains(name) || await KindAsync(connection, name, cancellation) is not { } kind)
        {
            return Problems.NotFound($"Table or view {name}");
        }

        if (!name.StartsWith("suppressed_", StringComparison.Ordinal) && !Scopes.Allow(caller.Scopes, Scopes.AuditRead)
            && await MinimumCellEndpoint.OfAsync(connection, caller.Tenant, settings, cancellation) is > 1 and var minimum)
        {
            return Problems.Forbidden("suppressed", $"{name} tells of single learners; the least people a figure of this tenant may tell of is {minimum}. A key with scope {Scopes.AuditRead} may read it.");
        }

        var head = await LedgerHead.ReadAsync(connection, cancellation);
        if (asOf?.Ahead(head.Sequence, head.Clock) is { } ahead)
        {
            return ahead;
        }

        head.Announce(context.Response);
        var point = asOf?.Time is { } time ? await Settled.NotedByAsync(connection, time, cancellation) : asOf?.Sequence;
        var quiet = point is null || await Settled.NobodyAppendsAsync(connection, cancellation);
        if (await Settled.ProjectedAsync(connection, point, quiet, cancellation) is not { } sequence)
        {
            return Problems.Later(context, 503, "The rows of that point are not there yet.", seconds: 5);
        }

        // Tenant and name are known to hold nothing that would have to be quoted; COPY takes no parameters.
        var select = kind == 'v'
            ? $"select * from analytics.\"{name}\" where tenant = '{caller.Tenant}'"
            : string.Create(CultureInfo.InvariantCulture, $"select * from analytics.\"{name}\" t where tenant = '{caller.Tenant}' and sequence <= {sequence} order by {(name.StartsWith("fact_", StringComparison.Ordinal) ? "sequence" : "t")}");
        context.Response.Headers.ContentDisposition = string.Create(
            CultureInfo.InvariantCulture, $"attachment; filename=\"{name}{(kind == 'v' ? "" : $"-seq{sequence}")}.{(type == CsvType ? "csv" : "parquet")}\"");
        if (type == ParquetType)
        {
            var file = await ParquetFile.WriteAsync(connection, select, cancellation);
            return Results.Stream(file, ParquetType);
        }

        context.Response.ContentType = CsvType + "; charset=utf-8";
        await CsvAsync(connection, select, context.Response.Body, cancellation);
        return Results.Empty;
    }

    /// <summary>PostgreSQL's own CSV (RFC 4180, a header line); times in UTC, null is an empty field.</summary>
    private static async Task CsvAsync(NpgsqlConnection connection, string select, Stream output, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var zone = new NpgsqlCommand("set local timezone to 'UTC'; set local datestyle to 'ISO'", connection))
        {
            await zone.ExecuteNonQueryAsync(cancellation);
        }

        using var rows = await connection.BeginTextExportAsync($"copy ({select}) to stdout (format csv, header)", cancellation);
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
        var buffer = new char[16 * 1024];
        int read;
        while ((read = await rows.ReadAsync(buffer, cancellation)) > 0)
        {
            await writer.WriteAsync(buffer.AsMemory(0, read), cancellation);
            await writer.FlushAsync(cancellation);
        }
    }

    private static string? Format(HttpRequest request) => ((string?)request.Query["format"], request.Headers.Accept.ToString()) switch
    {
        ("csv", _) => CsvType,
        ("parquet", _) => ParquetType,
        ({ Length: > 0 }, _) => null,
        (_, var accept) when accept.Contains(ParquetType, StringComparison.OrdinalIgnoreCase) => ParquetType,
        (_, var accept) when accept.Length == 0 || accept.Contains("*/*", StringComparison.Ordinal) || accept.Contains("text/*", StringComparison.Ordinal)
            || accept.Contains(CsvType, StringComparison.OrdinalIgnoreCase) => CsvType,
        _ => null,
    };

    private static async Task<char?> KindAsync(NpgsqlConnection connection, string name, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select c.relkind from pg_class c where c.relnamespace = 'analytics'::regnamespace and c.relkind in ('r', 'v') and c.relname = $1", connection);
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteScalarAsync(cancellation) as char?;
    }
}
