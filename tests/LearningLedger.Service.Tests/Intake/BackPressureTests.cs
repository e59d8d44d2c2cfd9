using System.Net;
using LearningLedger.Service.Host;
using LearningLedger.Service.Intake;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Intake;

public sealed class BackPressureTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task A_database_that_does_not_keep_up_is_answered_503_before_memory_grows_and_nothing_acknowledged_is_lost()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        await Tenant.PostAsync(client, Tenant.Attempt("first", "ann", "alpha", 0.5));
        var committer = fixture.Ledger.App.Services.GetRequiredService<Committer>();
        await using var blocker = await fixture.Ledger.App.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var held = await blocker.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table ledger.mt_streams in exclusive mode", blocker))
        {
            await hold.ExecuteNonQueryAsync();
        }

        // Nothing is committed now, so each of these waits until the bound is reached; the next is refused.
        var posts = new List<Task<HttpResponseMessage>>();
        while (committer.BytesWaiting <= Limits.BytesWaiting)
        {
            var before = committer.BytesWaiting;
            posts.Add(PostAsync(client, posts.Count));
            await Expectations.EventuallyAsync(() => Task.FromResult(committer.BytesWaiting > before || posts[^1].IsCompleted), "the post to be queued");
        }

        using var refused = await PostAsync(client, posts.Count);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.True(committer.BytesWaiting <= Limits.BytesWaiting + (16 * 1024 * 1024));

        await held.RollbackAsync();
        var answers = await Task.WhenAll(posts);
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        using var accepted = await PostAsync(client, posts.Count);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        await using var count = fixture.Ledger.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select count(*) from ledger.mt_events where tenant_id = $1 and type = 'skill.attempted'");
        count.Parameters.Add(new() { Value = tenant.Name });
        Assert.Equal(1L + ((posts.Count + 1) * 5_000), await count.ExecuteScalarAsync());
        Assert.Equal(0, committer.BytesWaiting);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, int post) => client.PostAsync(
        "/v1/events",
        LedgerFixture.Json(
            $"[{string.Join(',', Enumerable.Range(0, 5_000).Select(i => Tenant.Attempt($"{post}-{i}", $"learner-{i % 50}", "alpha", 0.5)))}]",
            "application/cloudevents-batch+json"));
}
