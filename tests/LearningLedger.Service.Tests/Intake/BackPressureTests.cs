using System.Net;
using System.Net.Sockets;
using System.Text;
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
        await using var blocker = await BlockAsync();
        var posts = await FillAsync(client, committer);

        using var refused = await PostAsync(client, posts.Count);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.True(committer.BytesWaiting <= Limits.BytesWaiting + (16 * 1024 * 1024));

        await blocker.CloseAsync();
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

    [Fact]
    public async Task A_stream_much_larger_than_the_bound_waits_for_its_turn_is_held_back_and_goes_through()
    {
        const int parts = 80;
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.EventsWrite);
        var committer = fixture.Ledger.App.Services.GetRequiredService<Committer>();
        await Tenant.PostAsync(client, Tenant.Attempt("first", "ann", "alpha", 0.5));
        await using var blocker = await BlockAsync();
        var posts = await FillAsync(client, committer);
        using var stream = await OpenStream.BeginAsync(fixture.Ledger.Url, await tenant.KeyAsync([Scopes.EventsWrite]));

        // The same thousand events again and again: only the first time are they new. Each is made large by spaces.
        var part = string.Concat(Enumerable.Range(0, 1_000).Select(i => Tenant.Attempt($"stream-{i}", $"learner-{i % 50}", "alpha", 0.5) + new string(' ', 700) + "\n"));
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < parts; i++)
            {
                await stream.SendTextAsync(part);
                Interlocked.Increment(ref sent);
            }

            await stream.EndAsync();
        });
        await Expectations.EventuallyAsync(() => Task.FromResult(Volatile.Read(ref sent) > 2), "the stream to begin");
        Assert.True(committer.BytesWaiting <= Limits.BytesWaiting + (16 * 1024 * 1024));
        Assert.False(sending.IsCompleted);

        await blocker.CloseAsync();
        Assert.All(await Task.WhenAll(posts), a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        var first = (await stream.LineAsync())!;
        var lines = await stream.RestAsync();
        await sending;

        Assert.True((long)part.Length * parts > Limits.BytesWaiting);
        Assert.Equal((1_000, 0), ((int)first["accepted"]!, (int)first["duplicates"]!));
        Assert.Equal(parts * 1_000, (int)lines[^1]["to"]!);
        Assert.Equal((parts - 1) * 1_000, lines.Sum(l => (int)l["duplicates"]!));
        Assert.Equal(0, committer.BytesWaiting);
    }

    [Fact]
    public async Task Bodies_that_would_fill_the_memory_together_are_answered_503_before_they_do()
    {
        const int size = 15 * 1024 * 1024;
        var tenant = await fixture.TenantAsync();
        var key = await tenant.KeyAsync([Scopes.EventsWrite]);
        var room = fixture.Ledger.App.Services.GetRequiredService<BodyRoom>();
        var address = new Uri(fixture.Ledger.Url);
        var connections = new List<TcpClient>();
        try
        {
            // Each sends all but the last byte and waits.
            while (room.Held < Limits.BodyBytesHeld)
            {
                var before = room.Held;
                connections.Add(await SendAsync());
                await Expectations.EventuallyAsync(() => Task.FromResult(room.Held >= before + size), "the body to come");
            }

            using var refused = await SendAsync();
            var answer = new byte[2_000];
            var length = await refused.GetStream().ReadAsync(answer);

            Assert.StartsWith("HTTP/1.1 503", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
            Assert.Contains("Retry-After: 1", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
            Assert.True(room.Held <= Limits.BodyBytesHeld + (2 * size));
        }
        finally
        {
            connections.ForEach(c => c.Dispose());
        }

        await Expectations.EventuallyAsync(() => Task.FromResult(room.Held == 0), "the memory to be free again");
        using var client = fixture.Client(key);
        await Tenant.PostAsync(client, Tenant.Attempt("after", "ann", "alpha", 0.5));

        async Task<TcpClient> SendAsync()
        {
            var connection = new TcpClient();
            await connection.ConnectAsync(address.Host, address.Port);
            var head = $"POST /v1/events HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/cloudevents+json\r\nContent-Length: {size + 1}\r\n\r\n";
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
            try
            {
                await connection.GetStream().WriteAsync(new byte[size]);
            }
            catch (IOException)
            {
                // Answered before all was sent.
            }

            return connection;
        }
    }

    private async Task<NpgsqlConnection> BlockAsync()
    {
        var blocker = await fixture.Ledger.App.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        await using var hold = new NpgsqlCommand("begin; lock table ledger.mt_streams in exclusive mode", blocker);
        await hold.ExecuteNonQueryAsync();
        return blocker;
    }

    /// <summary>Posts while nothing is committed, so that each waits, until the bound is reached.</summary>
    private static async Task<List<Task<HttpResponseMessage>>> FillAsync(HttpClient client, Committer committer)
    {
        var posts = new List<Task<HttpResponseMessage>>();
        while (committer.BytesWaiting <= Limits.BytesWaiting)
        {
            var before = committer.BytesWaiting;
            posts.Add(PostAsync(client, posts.Count));
            await Expectations.EventuallyAsync(() => Task.FromResult(committer.BytesWaiting > before || posts[^1].IsCompleted), "the post to be queued");
        }

        return posts;
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, int post) => client.PostAsync(
        "/v1/events",
        LedgerFixture.Json(
            $"[{string.Join(',', Enumerable.Range(0, 5_000).Select(i => Tenant.Attempt($"{post}-{i}", $"learner-{i % 50}", "alpha", 0.5)))}]",
            "application/cloudevents-batch+json"));
}
