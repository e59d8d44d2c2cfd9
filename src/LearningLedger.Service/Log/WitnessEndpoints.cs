using System.Text;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Log;

/// <summary>
/// The routes of a witness, below <c>/witness</c>, which is both its submission and its monitoring prefix. As the protocol has it they take no key: what a log may
/// ask is decided by the log's own signature.
/// </summary>
public static class WitnessEndpoints
{
    private const string Text = "text/plain; charset=utf-8";
    private const int LargestRequest = 64 * 1024; // 63 hashes and a checkpoint with some signatures

    /// <summary>Maps them, if there are logs to be a witness of.</summary>
    public static void Map(WebApplication app, LedgerSettings settings)
    {
        if (settings.Witness.Logs is null)
        {
            return;
        }

        var group = app.MapGroup("/witness").AllowAnonymous();
        group.MapPost("/add-checkpoint", AddAsync).WithSummary("Cosigns a checkpoint that continues the one cosigned last: C2SP tlog-witness.");
        group.MapGet("/{hash}/checkpoint", (string hash, Witness witness) => witness.Find(hash) is { } note ? Results.Text(note, Text) : Problems.NotFound("A log this witness cosigned"))
            .WithSummary("The checkpoint cosigned last of the log whose origin has this SHA-256.");
        group.MapGet("/key", (WitnessKey key) => Results.Text(key.Verifier + "\n", Text)).WithSummary("The witness's verifier key, one line.");
    }

    private static async Task<IResult> AddAsync(HttpContext context, Witness witness, CancellationToken cancellation)
    {
        if (await RequestBody.ReadAsync(context.Request, LargestRequest, cancellation) is not { } body)
        {
            return Problems.Of(413, "too-large", $"A request to a witness has at most {LargestRequest} bytes.");
        }

        WitnessVerdict verdict;
        try
        {
            verdict = witness.Judge(WitnessRequest.Parse(body.Span));
        }
        catch (NoteException e)
        {
            verdict = new WitnessVerdict(WitnessStatus.Malformed, e.Message + "\n", null);
        }

        return Results.Text(verdict.Body, verdict.Status == WitnessStatus.Stale ? "text/x.tlog.size" : Text, Encoding.UTF8, (int)verdict.Status);
    }
}
