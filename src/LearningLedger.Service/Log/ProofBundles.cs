using System.Data;
using LearningLedger.Bundles;
using LearningLedger.Integrity;
using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Log;

/// <summary>Answers a transcript as a proof bundle: one file with all it takes to check it without trusting us.</summary>
public sealed class ProofBundles(NpgsqlDataSource database, Vault vault)
{
    private const string Exists = "select version from ledger.mt_streams where tenant_id = $1 and id = $2 and type = 'learner' for share";

    /// <summary>
    /// The bundle. 202 with Retry-After until a signed checkpoint covers all of the learner's events; <c>Prefer: wait=N</c> waits for that and for
    /// the heads leaf that shows that there are no more. 404: unknown; 400: a moment the ledger has not come to.
    /// </summary>
    public async Task<IResult> AnswerAsync(HttpContext context, Guid learner, AsOf? asOf, CancellationToken cancellation)
    {
        var tenant = context.Caller().Tenant;
        if (await RefusalAsync(tenant, learner, asOf, cancellation) is { } refusal)
        {
            return refusal;
        }

        var wait = Prefer.WaitOf(context.Request);
        var answer = await Prefer.UntilAsync(wait, () => TryAsync(tenant, learner, asOf, isWhole: wait > TimeSpan.Zero, cancellation), cancellation)
            ?? await TryAsync(tenant, learner, asOf, isWhole: false, cancellation);
        return answer ?? Answers.NotYet(context, "No signed checkpoint covers all of the learner's events yet.", seconds: 1);
    }

    private async Task<IResult?> RefusalAsync(string tenant, Guid learner, AsOf? asOf, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var head = await LedgerHead.ReadAsync(connection, cancellation);
        if (asOf?.Ahead(head.Sequence, head.Clock) is { } ahead)
        {
            return ahead;
        }

        // Waits for whoever is appending there, so that what this sees of the past is final.
        await using var command = new NpgsqlCommand(Exists, connection);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = learner });
        return await command.ExecuteScalarAsync(cancellation) is null ? Problems.NotFound($"Learner {learner:D}") : null;
    }

    private async Task<IResult?> TryAsync(string tenant, Guid learner, AsOf? asOf, bool isWhole, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var (proof, moment) = (await StreamProof.ReadAsync(connection, tenant, learner, cancellation)).At(asOf);
        if (proof.Events.Count == 0 || (moment?.Recorded < proof.Events[0].Row.At))
        {
            return Problems.Of(404, "not-found", $"Learner {learner:D} was not registered at that time.");
        }

        // The moment in the past divides the stream; what came after it says nothing of who was linked then.
        var within = moment is null ? proof : proof with { Events = [.. proof.Events.TakeWhile(e => e.Row.At <= (moment.Recorded ?? DateTimeOffset.MaxValue))] };
        var linked = within.Linked();
        if (linked.Count > 0 && asOf?.Sequence is not null)
        {
            return Problems.BadRequest("Others are linked to this learner. A proof over several streams stands at a recorded time: name one instead of a sequence.");
        }

        var others = new List<StreamProof>();
        foreach (var other in linked)
        {
            others.Add((await StreamProof.ReadAsync(connection, tenant, other, cancellation)).At(asOf).Proof);
        }

        if (!others.Prepend(proof).All(p => isWhole ? p.IsComplete : p.IsCovered))
        {
            return null;
        }

        try
        {
            var own = await proof.BundleAsync(connection, vault, tenant, learner, moment, cancellation);
            var streams = new List<BundleStream>();
            foreach (var (other, stood) in linked.Zip(others))
            {
                streams.Add(await stood.BundleAsync(connection, vault, tenant, other, moment, cancellation));
            }

            var last = streams.Prepend(own).Max(s => s.Entries.Max(e => e.Index));
            var bundle = ProofBundle.Make(
                learner, SignedNote.Parse(proof.Checkpoint!), own.Entries, own.Heads, moment,
                await StoredStamps.FirstCoveringAsync(connection, proof.Log, last, proof.Size, cancellation), streams);
            return Results.File(bundle.Utf8(), "application/json", $"{learner:D}.llproof");
        }
        catch (BundleException e)
        {
            return Problems.Of(500, "unprovable", $"The learner's rows cannot be proved as they are now: {e.Message}");
        }
    }
}
