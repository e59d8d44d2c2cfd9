using LearningLedger.Service.Host;
using LearningLedger.Service.Store;
using Npgsql;
using Wolverine;
using Wolverine.Http;

namespace LearningLedger.Service.Awards;

/// <summary>What an evaluation found.</summary>
/// <param name="Learners">Learners looked at: all of the tenant.</param>
/// <param name="Sent">Learners for whom an automatic award follows; it is decided soon after.</param>
public sealed record FrameworkEvaluation(long Learners, long Sent);

/// <summary>Publishing awards nothing by itself; an admin asks for it.</summary>
public static class EvaluateFrameworkEndpoint
{
    /// <summary>Judges every learner of the tenant by the framework, under the version in force for each: 200; 404 unknown, 409 retired.</summary>
    /// <remarks>Takes about a second for 100,000 events. When it is cut short, what was sent is decided all the same; it may be asked for again.</remarks>
    [WolverinePost("/v1/frameworks/{code}/evaluate"), RequiresScope(Scopes.Admin)]
    public static async Task<IResult> Post(
        string code, HttpContext context, AwardSearch search, Catalogue catalogue, NpgsqlDataSource database, IMessageBus bus, CancellationToken cancellation)
    {
        var tenant = context.Caller().Tenant;
        var known = await catalogue.CurrentAsync(tenant, cancellation);
        var framework = known.FrameworkState(code);
        if (framework.Latest is null)
        {
            return Problems.NotFound($"Framework '{code}'");
        }

        if (framework.Retired)
        {
            return Problems.Conflict($"Framework '{code}' is retired; no new awards are judged under it.");
        }

        long looked = 0, sent = 0;
        await foreach (var learners in LearnersAsync(database, tenant, cancellation))
        {
            looked += learners.Count;
            await foreach (var judged in search.AmongAsync(known, [.. learners.Select(l => KeyValuePair.Create(l, long.MaxValue))], code, cancellation))
            {
                if (judged.Outlook is null)
                {
                    await bus.PublishAsync(new AwardMilestones(tenant, judged.Learner), new DeliveryOptions { TenantId = tenant });
                    sent++;
                }
            }
        }

        return Results.Json(new FrameworkEvaluation(looked, sent), LedgerJson.Options);
    }

    private static async IAsyncEnumerable<List<Guid>> LearnersAsync(
        NpgsqlDataSource database, string tenant, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var last = Guid.Empty; ;)
        {
            await using var command = database.CreateCommand(
                "select id from ledger.mt_streams where tenant_id = $1 and id > $2 and type = 'learner' order by id limit $3");
            command.Parameters.Add(new() { Value = tenant });
            command.Parameters.Add(new() { Value = last });
            command.Parameters.Add(new() { Value = AwardSearch.Chunk });
            var page = new List<Guid>();
            await using (var reader = await command.ExecuteReaderAsync(cancellation))
            {
                while (await reader.ReadAsync(cancellation))
                {
                    page.Add(reader.GetGuid(0));
                }
            }

            if (page.Count == 0)
            {
                yield break;
            }

            yield return page;
            last = page[^1];
        }
    }
}
