using System.Net;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Cohorts;

public sealed class CohortTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    private const string Spring = """{"code":"spring","name":"Spring","framework":"small"}""";

    [Fact]
    public async Task Opens_once_and_answers_the_same_words_again()
    {
        var tenant = await fixture.TenantAsync();
        using var admin = await tenant.ClientAsync(Scopes.Admin);

        using var first = await admin.PostAsync("/v1/cohorts", LedgerFixture.Json(Spring));
        using var again = await admin.PostAsync("/v1/cohorts", LedgerFixture.Json(Spring));
        using var other = await admin.PostAsync("/v1/cohorts", LedgerFixture.Json(Spring.Replace("Spring\"", "Autumn\"", StringComparison.Ordinal)));

        await first.ShouldBeAsync(HttpStatusCode.Created);
        await again.ShouldBeAsync(HttpStatusCode.OK);
        await other.ShouldBeAsync(HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("""{"code":"Spring!","name":"Spring","framework":"small"}""", "code")]
    [InlineData("""{"code":"spring","framework":"small"}""", "name")]
    [InlineData("""{"code":"spring","name":"Spring","framework":"unheard-of"}""", "framework")]
    [InlineData("""{"code":"spring","name":"Spring","framework":"small","version":9}""", "version")]
    public async Task Names_what_is_wrong(string body, string field)
    {
        var tenant = await fixture.TenantAsync();
        using var admin = await tenant.ClientAsync(Scopes.Admin);

        using var answer = await admin.PostAsync("/v1/cohorts", LedgerFixture.Json(body));

        await answer.ShouldBeAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(field, (string)(await answer.JsonAsync())["errors"]![0]!["field"]!);
    }

    [Fact]
    public async Task Members_join_and_leave()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.Admin, Scopes.EventsWrite);
        using var opened = await client.PostAsync("/v1/cohorts", LedgerFixture.Json(Spring));
        var learner = (Guid)(await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 1)))["receipts"]![0]!["learner"]!;
        var member = $"/v1/cohorts/spring/members/{learner}";

        using var early = await client.DeleteAsync(member);
        using var joined = await client.PutAsync(member, null);
        using var again = await client.PutAsync(member, null);
        using var left = await client.DeleteAsync(member);

        await early.ShouldBeAsync(HttpStatusCode.NotFound);
        await joined.ShouldBeAsync(HttpStatusCode.NoContent);
        await again.ShouldBeAsync(HttpStatusCode.NoContent);
        await left.ShouldBeAsync(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Nobody_joins_an_unknown_cohort_and_no_stranger_joins_ours()
    {
        var tenant = await fixture.TenantAsync();
        var other = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Scopes.Admin, Scopes.EventsWrite);
        using var foreign = await other.ClientAsync(Scopes.EventsWrite);
        using var opened = await client.PostAsync("/v1/cohorts", LedgerFixture.Json(Spring));
        var stranger = (Guid)(await Tenant.PostAsync(foreign, Tenant.Attempt("1", "ann", "alpha", 1)))["receipts"]![0]!["learner"]!;
        var learner = (Guid)(await Tenant.PostAsync(client, Tenant.Attempt("1", "ann", "alpha", 1)))["receipts"]![0]!["learner"]!;

        using var nowhere = await client.PutAsync($"/v1/cohorts/nowhere/members/{learner}", null);
        using var notOurs = await client.PutAsync($"/v1/cohorts/spring/members/{stranger}", null);

        await nowhere.ShouldBeAsync(HttpStatusCode.NotFound);
        await notOurs.ShouldBeAsync(HttpStatusCode.NotFound);
    }
}
