using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LearningLedger.Service.Tests.Keys;

public sealed class KeyTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task A_key_is_shown_once_and_stored_as_a_hash()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        var key = KeyText.Parse(await tenant.KeyAsync([Scopes.Admin]))!;

        using var admin = fixture.Client(key.ToString());
        var listed = await admin.GetStringAsync("/v1/keys");

        Assert.Contains(key.Id, listed, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Secret, listed, StringComparison.Ordinal);
        await using var stored = fixture.Ledger.App.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select secret from registry.api_key where id = $1");
        stored.Parameters.Add(new() { Value = key.Id });
        Assert.Equal(key.SecretHash(), (byte[])(await stored.ExecuteScalarAsync())!);
    }

    [Fact]
    public async Task Basic_takes_id_and_secret()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        var key = KeyText.Parse(await tenant.KeyAsync([Scopes.Admin]))!;
        using var client = fixture.Client(null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{key.Id}:{key.Secret}")));

        using var answer = await client.GetAsync("/v1/keys");

        await answer.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ll_x_y")]
    [InlineData("Basic !!!")]
    [InlineData("Basic bm8tY29sb24=")]
    [InlineData("Digest username=x")]
    public async Task Refuses_what_is_no_key(string header)
    {
        using var client = fixture.Client(null);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);

        using var answer = await client.GetAsync("/v1/keys");

        await answer.ShouldBeAsync(HttpStatusCode.Unauthorized);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task A_known_id_with_a_wrong_secret_is_refused()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        var key = KeyText.Parse(await tenant.KeyAsync([Scopes.Admin]))!;
        using var client = fixture.Client(new KeyText(key.Id, KeyText.Make().Secret).ToString());

        using var answer = await client.GetAsync("/v1/keys");

        await answer.ShouldBeAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_revoked_key_stops_at_once_and_stays_listed()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var admin = await tenant.ClientAsync(Scopes.Admin);
        var key = KeyText.Parse(await tenant.KeyAsync([Scopes.Admin]))!;
        using var holder = fixture.Client(key.ToString());
        using var before = await holder.GetAsync("/v1/keys");
        await before.ShouldBeAsync(HttpStatusCode.OK);

        using var revoked = await admin.DeleteAsync($"/v1/keys/{key.Id}");
        using var again = await admin.DeleteAsync($"/v1/keys/{key.Id}");
        using var after = await holder.GetAsync("/v1/keys");

        await revoked.ShouldBeAsync(HttpStatusCode.NoContent);
        await again.ShouldBeAsync(HttpStatusCode.NoContent);
        await after.ShouldBeAsync(HttpStatusCode.Unauthorized);
        var entry = JsonNode.Parse(await admin.GetStringAsync("/v1/keys"))!["keys"]!.AsArray().Single(k => (string)k!["id"]! == key.Id)!;
        Assert.NotNull(entry["revokedAt"]);
    }

    [Fact]
    public async Task Another_tenants_key_is_not_known_here()
    {
        var mine = await fixture.TenantAsync(withFramework: false);
        var other = await fixture.TenantAsync(withFramework: false);
        using var admin = await mine.ClientAsync(Scopes.Admin);
        var foreign = KeyText.Parse(await other.KeyAsync([Scopes.Admin]))!;

        using var revoke = await admin.DeleteAsync($"/v1/keys/{foreign.Id}");

        await revoke.ShouldBeAsync(HttpStatusCode.NotFound);
        Assert.DoesNotContain(foreign.Id, await admin.GetStringAsync("/v1/keys"), StringComparison.Ordinal);
        using var holder = fixture.Client(foreign.ToString());
        using var stillGood = await holder.GetAsync("/v1/keys");
        await stillGood.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Only_the_bootstrap_key_makes_tenants()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var admin = await tenant.ClientAsync(Scopes.Admin);

        using var answer = await admin.PostAsync("/v1/keys", LedgerFixture.Json("""{"name":"x","scopes":["admin"],"tenant":"elsewhere"}"""));

        await answer.ShouldBeAsync(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("""{}""", "name", "scopes")]
    [InlineData("""{"name":"x","scopes":["rule:all"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["admin"],"person":"Ann Smith"}""", "person")]
    [InlineData("""{"name":"x","scopes":["admin"],"sources":[]}""", "sources")]
    [InlineData("""{"name":"x","scopes":["admin"],"tenant":"*DEFAULT*"}""", "tenant")]
    [InlineData("""{"name":"x","scopes":["admin"],"color":"red"}""", "color")]
    [InlineData("""{"name":7,"scopes":["admin"]}""", "name")]
    public async Task Names_what_is_wrong_with_a_key_to_make(string body, params string[] fields)
    {
        using var bootstrap = fixture.Client(fixture.Bootstrap.ToString());

        using var answer = await bootstrap.PostAsync("/v1/keys", LedgerFixture.Json(body));

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(fields, (await answer.JsonAsync())["errors"]!.AsArray().Select(e => (string)e!["field"]!));
    }

    [Theory]
    [InlineData("GET", "/v1/keys", Scopes.Admin)]
    [InlineData("POST", "/v1/keys", Scopes.Admin)]
    [InlineData("DELETE", "/v1/keys/x", Scopes.Admin)]
    [InlineData("POST", "/v1/frameworks", Scopes.Admin)]
    [InlineData("POST", "/v1/cohorts", Scopes.Admin)]
    [InlineData("PUT", "/v1/cohorts/x/members/0d9f8a52-5b0e-4f0e-8a43-6f1f6f4f0c11", Scopes.EventsWrite)]
    [InlineData("DELETE", "/v1/cohorts/x/members/0d9f8a52-5b0e-4f0e-8a43-6f1f6f4f0c11", Scopes.EventsWrite)]
    [InlineData("POST", "/v1/events", Scopes.EventsWrite)]
    public async Task A_missing_scope_is_named(string method, string path, string scope)
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var client = await tenant.ClientAsync([.. Scopes.All.Where(s => s != scope)]);

        using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        await answer.ShouldBeAsync(HttpStatusCode.Forbidden);
        Assert.Equal(scope, (string)(await answer.JsonAsync())["scope"]!);
    }

    [Theory]
    [InlineData("/v1/nothing")]
    [InlineData("/docs")]
    [InlineData("/openapi/v1.json")]
    public async Task Every_route_but_health_needs_a_key(string path)
    {
        using var nobody = fixture.Client(null);

        using var answer = await nobody.GetAsync(path);

        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.NotFound });
    }

    [Fact]
    public async Task Health_is_open_and_says_how_far_projections_lie_behind()
    {
        using var nobody = fixture.Client(null);

        Assert.Equal("live\n", await nobody.GetStringAsync("/health/live"));
        await Expectations.EventuallyAsync(
            async () => JsonNode.Parse(await nobody.GetStringAsync("/health/ready")) is { } ready && (string)ready["status"]! == "ready" && ready["projections"]!.AsObject().Count > 0,
            "readiness with projections");
    }

    [Fact]
    public async Task The_description_names_every_route_of_ours()
    {
        using var client = fixture.Client(fixture.Bootstrap.ToString());

        var paths = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!["paths"]!.AsObject().Select(p => p.Key).ToList();

        Assert.Contains("/v1/events", paths);
        Assert.Contains("/v1/learners/{learner}/transcript", paths);
        Assert.Contains("/xapi/statements", paths);
        Assert.All(paths, p => Assert.Matches("^/(v1|log|xapi)/", p));
    }
}
