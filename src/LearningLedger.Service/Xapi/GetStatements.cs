using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Microsoft.AspNetCore.WebUtilities;
using Npgsql;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi;

/// <summary>Statements by id, or by what they mention.</summary>
public static class GetStatementsEndpoint
{
    private const string Route = PostStatementsEndpoint.Route;
    private const string More = Route + "/more";

    /// <summary>Bytes of statements after which a page ends, whatever its limit: what an answer holds in memory.</summary>
    private const int PageBytes = 8 * 1024 * 1024;

    /// <summary>One statement by <c>statementId</c> or <c>voidedStatementId</c>, or the first page of a query.</summary>
    [WolverineGet(Route), RequiresScope(Scopes.StatementsReadMine)]
    public static async Task<IResult> Get(HttpContext context, NpgsqlDataSource database, TenantKeys keys, Vault vault, CancellationToken cancellation)
    {
        if (!context.Request.Query.ContainsKey("statementId") && !context.Request.Query.ContainsKey("voidedStatementId"))
        {
            return await QueryAsync(context, new Parameters(context, StatementFilter.Known), database, keys, vault, cancellation);
        }

        var parameters = new Parameters(context, ["statementId", "voidedStatementId", "format", "attachments"]);
        var voided = parameters.Has("voidedStatementId");
        if (voided && parameters.Has("statementId"))
        {
            parameters.Fault("voidedStatementId", "cannot be given together with statementId.");
        }

        var id = parameters.Uuid(voided ? "voidedStatementId" : "statementId", required: true);
        var form = StatementFilter.FormOf(parameters);
        var attachments = parameters.Flag("attachments");
        var caller = context.Caller();
        if (parameters.Problem is { } problem)
        {
            await Consistency.AnnounceAsync(context, database, caller.Tenant, cancellation);
            return problem;
        }

        var key = await keys.OfAsync(caller.Tenant, cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var mine = Scopes.Allow(caller.Scopes, Scopes.StatementsRead) ? null : caller.KeyId;
        var (found, _) = await ReadAsync(context, connection, StatementQuery.One(caller.Tenant, id!.Value, voided, mine), key, vault, cancellation);
        if (found.Count == 0)
        {
            return Problems.NotFound($"Statement {id:D}");
        }

        context.Response.Headers.LastModified = XapiProtocol.HttpDate(found[0].Stored);
        await new StatementAnswer(connection, caller.Tenant, key, form, attachments).OneAsync(context, found[0], cancellation);
        return Results.Empty;
    }

    /// <summary>A further page; its address is the <c>more</c> of the page before.</summary>
    [WolverineGet(More), RequiresScope(Scopes.StatementsReadMine)]
    public static Task<IResult> GetMore(HttpContext context, NpgsqlDataSource database, TenantKeys keys, Vault vault, CancellationToken cancellation) =>
        QueryAsync(context, new Parameters(context, [.. StatementFilter.Known, "cursor"]), database, keys, vault, cancellation);

    private static async Task<IResult> QueryAsync(
        HttpContext context, Parameters parameters, NpgsqlDataSource database, TenantKeys keys, Vault vault, CancellationToken cancellation)
    {
        var caller = context.Caller();
        var key = await keys.OfAsync(caller.Tenant, cancellation);
        var filter = StatementFilter.Read(parameters, key, caller);
        if (parameters.Problem is { } problem)
        {
            await Consistency.AnnounceAsync(context, database, caller.Tenant, cancellation);
            return problem;
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        var (found, complete) = await ReadAsync(context, connection, StatementQuery.Page(caller.Tenant, filter), key, vault, cancellation);
        var page = PageOf(found, filter, complete);
        var more = page.Count < found.Count ? MoreOf(context, page.Count > 0 ? (page[^1].Stored, page[^1].Id) : filter.Cursor) : "";
        context.Response.Headers.LastModified = XapiProtocol.HttpDate(page.Count > 0 ? page.Max(s => s.Stored) : complete);
        await new StatementAnswer(connection, caller.Tenant, key, filter.Form, filter.Attachments).PageAsync(context, page, more, cancellation);
        return Results.Empty;
    }

    /// <summary>The statements of the page; fewer than were found when there is another page.</summary>
    private static List<FoundStatement> PageOf(List<FoundStatement> found, StatementFilter filter, DateTimeOffset complete)
    {
        var bytes = 0L;
        var page = found.Take(filter.Limit).TakeWhile((s, i) => (bytes += s.Kept.Length) <= PageBytes || i == 0).ToList();
        if (filter.Ascending && page.Count < found.Count)
        {
            // A reader who goes on from here must not have passed a statement that is about to be stored with an earlier time.
            page.RemoveAll(s => s.Stored > complete);
        }

        return page;
    }

    private static string MoreOf(HttpContext context, (DateTimeOffset Stored, Guid Id)? last)
    {
        var query = context.Request.Query.Where(p => p.Key != "cursor").Select(p => KeyValuePair.Create(p.Key, (string?)p.Value.ToString())).ToList();
        if (last is var (stored, id))
        {
            query.Add(new("cursor", StatementFilter.CursorText(stored, id)));
        }

        return QueryHelpers.AddQueryString(context.Request.PathBase + More, query);
    }

    private static async Task<(List<FoundStatement> Found, DateTimeOffset Complete)> ReadAsync(
        HttpContext context, NpgsqlConnection connection, NpgsqlBatchCommand query, TenantKey key, Vault vault, CancellationToken cancellation)
    {
        var tenant = context.Caller().Tenant;
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Consistency.Command(tenant));
        batch.BatchCommands.Add(query);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var complete = Consistency.Announce(context, reader);
        await reader.NextResultAsync(cancellation);
        var found = new List<FoundStatement>();
        var bytes = 0L;
        while (bytes <= PageBytes && await reader.ReadAsync(cancellation))
        {
            if (FoundStatement.Read(reader, tenant, key, vault) is { } statement)
            {
                found.Add(statement);
                bytes += statement.Kept.Length;
            }
        }

        return (found, complete);
    }
}
