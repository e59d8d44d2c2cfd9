using System.Net;
using System.Text.RegularExpressions;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Pages;

[Collection(DecisionCollection.Name)]
public partial class KeysPageTests(LedgerFixture fixture)
{
    [Fact]
    public async Task Makes_a_key_shows_it_once_and_revokes_it()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var visitor = await PageVisitor.SignedInAsync(fixture, await tenant.KeyAsync([Scopes.Admin]));

        using var made = await visitor.SubmitAsync("/keys", "make", ("Name", "reader of spring"), ("Grants", Scopes.AuditRead), ("Grants", Scopes.AnalyticsRead));
        var key = KeyText.Parse(Shown().Match(await made.Content.ReadAsStringAsync()).Value)!;
        using var client = fixture.Client(key.ToString());
        using var works = await client.GetAsync("/v1/frameworks");
        var again = await visitor.TextAsync("/keys");
        using var revoked = await visitor.SubmitAsync("/keys", "revoke", ("Id", key.Id));
        using var refused = await client.GetAsync("/v1/frameworks");

        await works.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Contains("reader of spring", again);
        Assert.DoesNotContain(key.Secret, again);
        await revoked.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Tells_what_is_wrong_with_a_key_that_cannot_be_made()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var visitor = await PageVisitor.SignedInAsync(fixture, await tenant.KeyAsync([Scopes.Admin]));

        using var answer = await visitor.SubmitAsync("/keys", "make", ("Name", "nothing"), ("Person", "Ada Lovelace"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var words = PageVisitor.Words(await answer.Content.ReadAsStringAsync());
        Assert.Contains("scopes: is required", words);
        Assert.Contains("person: must be a code", words);
    }

    [GeneratedRegex("ll_[a-z0-9-]+_[0-9a-f]{64}")]
    private static partial Regex Shown();
}
