using System.Text;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Xapi;
using Wolverine.Http;

namespace LearningLedger.Service.Xapi;

/// <summary>Stores statements: one, or a list; all of a request or none.</summary>
public static class PostStatementsEndpoint
{
    /// <summary>The statement resource.</summary>
    public const string Route = XapiProtocol.Root + "/statements";

    /// <summary>Statements whose receipt goes into a header: not 2 kilobytes, which proxies let through as they come.</summary>
    private const int MostInHeader = 8;

    /// <summary>Stores one or several; answers with their ids, in order.</summary>
    [WolverinePost(Route), RequiresScope(Scopes.StatementsWrite)]
    public static async Task<IResult> Post(HttpContext context, StatementStore store, LedgerSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        var (statements, problem) = await StoreAsync(context, new Parameters(context), null, store, settings, time, cancellation);
        return problem ?? Results.Json(statements.Select(s => s.Id), LedgerJson.Options);
    }

    /// <summary>Stores the statements of a request.</summary>
    /// <returns>The statements; or the answer that says why none is stored.</returns>
    internal static async Task<(IReadOnlyList<PostedStatement> Statements, IResult? Problem)> StoreAsync(
        HttpContext context, Parameters parameters, Guid? id, StatementStore store, LedgerSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        if (parameters.Problem is { } wrong)
        {
            return ([], wrong);
        }

        if (!Correlation.TryRead(context, out var correlation))
        {
            return ([], Problems.BadRequest(Correlation.Rule));
        }

        var (body, unread) = await StatementBody.ReadAsync(context, settings, cancellation);
        if (unread is not null)
        {
            return ([], unread);
        }

        var caller = context.Caller();
        var received = time.GetUtcNow();
        var (statements, invalid) = new StatementReader(body!, context.Xapi().Version, caller, received, context.RequestServices.GetRequiredService<Signatures>()).Read(settings.Limits.BatchEvents, id);
        if (invalid is not null || statements.Count == 0)
        {
            return (statements, invalid);
        }

        if (caller.Sources is { } allowed
            && statements.Where(s => s.Actor is { Scheme: AgentIdentifier.Account } a && !allowed.Contains(a.Issuer)).ToList() is { Count: > 0 } foreign)
        {
            return ([], Problems.Of(403, "source-not-allowed", "This key may not post for accounts of that home page; nothing was stored.",
                ("errors", foreign.Select(s => new Problems.Fault(s.Index, "actor.account.homePage", $"is not among the key's sources ({string.Join(", ", allowed)}).")).ToList())));
        }

        var none = new Dictionary<string, AttachedBytes>();
        return await store.SubmitAsync(new StatementRequest(caller, statements, body!.Attached ?? none, received, correlation)) switch
        {
            StatementOutcome.Stored stored => (await SignedAsync(context, caller.Tenant, stored.Statements, statements, cancellation), null),
            StatementOutcome.Conflict conflict => ([], Problems.Of(
                409, "statement-conflict", "Nothing was stored: another statement with the same id is stored.", ("errors", conflict.Faults))),
            _ => ([], Problems.Later(context, 503, "Too much is waiting to be written. Nothing of this request was stored.", seconds: 1)),
        };
    }

    /// <summary>Says in a header what the ledger promises, where that is short enough for every proxy on the way; <see cref="StatementReceiptEndpoint"/> says it of more.</summary>
    private static async Task<IReadOnlyList<PostedStatement>> SignedAsync(
        HttpContext context, string tenant, IReadOnlyList<ReceiptOf> stored, IReadOnlyList<PostedStatement> statements, CancellationToken cancellation)
    {
        if (statements.Count <= MostInHeader
            && await context.RequestServices.GetRequiredService<ReceiptSigner>().SignAsync(tenant, stored, cancellation) is { } note)
        {
            context.Response.Headers[StatementReceiptEndpoint.Header] = Convert.ToBase64String(Encoding.UTF8.GetBytes(note));
        }

        return statements;
    }
}
