using LearningLedger.Service.Host;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Xapi.Forwarding;

/// <summary>Sends one target what it lacks, until there is nothing more or it takes nothing at the moment.</summary>
/// <remarks>
/// The position moves after the target has said that it has a statement: whatever happens in between, it is sent again, and a store takes the same statement
/// twice without harm. Nothing overtakes: while a statement cannot be sent, none after it is; one that will never be taken is put aside.
/// </remarks>
internal sealed class ForwardPass(ForwardClient client, NpgsqlConnection connection, TenantKey key, Vault vault, ILogger log)
{
    /// <summary>Statements of one request.</summary>
    public const int Batch = 50;

    /// <summary>Bytes after which a request ends, however few statements it has.</summary>
    private const int BatchBytes = 1024 * 1024;

    /// <summary>Times a target may fail on one statement before that is put aside: about a quarter of an hour.</summary>
    private const int Breaks = 10;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Runs; the caller holds the target.</summary>
    public async Task RunAsync(string tenant, string code, CancellationToken cancellation)
    {
        while (await Forward.ReadAsync(connection, tenant, code, cancellation) is { } forward)
        {
            var sender = new ForwardSender(client, connection, forward, key.Key);
            var again = await ForwardPage.AgainAsync(connection, forward, key, vault, cancellation);
            foreach (var statement in again)
            {
                if (!await OneAsync(sender, forward, statement, isAgain: true, cancellation))
                {
                    return;
                }
            }

            var page = await ForwardPage.ReadAsync(connection, forward, key, vault, cancellation);
            if (page.End is not { } end)
            {
                if (again.Count == 0)
                {
                    return;
                }

                continue;
            }

            foreach (var batch in Batches(page.Chosen))
            {
                if (!await BatchAsync(sender, forward, batch, cancellation))
                {
                    return;
                }

                // A failure of before is over: the next one begins to count anew.
                forward = forward with { Failures = 0, Breaks = 0 };
            }

            if (!await ForwardNotes.AdvanceAsync(connection, forward, end, 0, cancellation))
            {
                return;
            }
        }
    }

    private static IEnumerable<List<ForwardedStatement>> Batches(IReadOnlyList<ForwardedStatement> statements)
    {
        var batch = new List<ForwardedStatement>();
        var bytes = 0;
        foreach (var statement in statements)
        {
            if (batch.Count > 0 && (batch.Count == Batch || bytes + statement.Json.Length > BatchBytes || statement.Attachments.Count > 0 || batch[^1].Attachments.Count > 0))
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }

            batch.Add(statement);
            bytes += statement.Json.Length;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private async Task<bool> BatchAsync(ForwardSender sender, Forward forward, List<ForwardedStatement> batch, CancellationToken cancellation)
    {
        // After a failure one by one, so that the statement shows on which the target fails.
        switch (batch.Count > 1 && forward.Failures == 0 ? await sender.PostAsync(batch, cancellation) : null)
        {
            case ForwardAnswer.Taken:
                Telemetry.StatementsForwarded.Add(batch.Count);
                return await ForwardNotes.AdvanceAsync(connection, forward, batch[^1].Place, batch.Count, cancellation);
            case ForwardAnswer.Away away:
                await WaitAsync(forward, away.Problem, broke: false, away.Wait, cancellation);
                return false;
        }

        foreach (var statement in batch)
        {
            if (!await OneAsync(sender, forward, statement, isAgain: false, cancellation) || !await ForwardNotes.AdvanceAsync(connection, forward, statement.Place, 1, cancellation))
            {
                return false;
            }

            forward = forward with { Failures = 0, Breaks = 0 };
        }

        return true;
    }

    /// <summary>Sends one statement; false when it must wait, and all after it.</summary>
    private async Task<bool> OneAsync(ForwardSender sender, Forward forward, ForwardedStatement statement, bool isAgain, CancellationToken cancellation)
    {
        switch (await sender.PostAsync([statement], cancellation))
        {
            case ForwardAnswer.Taken:
                Telemetry.StatementsForwarded.Add(1);
                await ForwardNotes.TakenAsync(connection, forward, statement.Found.Id, cancellation);
                return true;
            case ForwardAnswer.Away away:
                await WaitAsync(forward, away.Problem, broke: false, away.Wait, cancellation);
                return false;
            case ForwardAnswer.Broken broken when !isAgain && forward.Breaks < Breaks:
                await WaitAsync(forward, broken.Problem, broke: true, null, cancellation);
                return false;
            case ForwardAnswer.Broken broken:
                await RefusedAsync(forward, statement, broken.Problem, cancellation);
                return true;
            case ForwardAnswer.Refused refused:
                await RefusedAsync(forward, statement, refused.Problem, cancellation);
                return true;
            default:
                throw new InvalidOperationException("An answer of another kind.");
        }
    }

    private async Task RefusedAsync(Forward forward, ForwardedStatement statement, string problem, CancellationToken cancellation)
    {
        Telemetry.StatementsNotTaken.Add(1);
        log.StatementNotTaken(forward.Tenant, forward.Code, statement.Found.Id, problem);
        await ForwardNotes.RefusedAsync(connection, forward, statement.Place, problem, cancellation);
    }

    private async Task WaitAsync(Forward forward, string problem, bool broke, TimeSpan? asked, CancellationToken cancellation)
    {
        var doubled = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(forward.Failures, 20)), Longest.TotalSeconds));
        var wait = asked is { } t && t > doubled ? (t < Longest ? t : Longest) : doubled;
        if (forward.Failures == 0)
        {
            log.ForwardWaits(forward.Tenant, forward.Code, problem);
        }

        await ForwardNotes.WaitAsync(connection, forward, problem, broke, wait, cancellation);
    }
}
