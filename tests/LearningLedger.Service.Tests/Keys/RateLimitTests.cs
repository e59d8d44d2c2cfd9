using System.Net;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Fixtures;

namespace LearningLedger.Service.Tests.Keys;

public sealed class RateLimitTests
{
    [Fact]
    public async Task A_key_over_its_limit_is_told_to_wait_and_another_is_not()
    {
        var fixture = new LedgerFixture(new() { ["Ledger:Limits:RequestsPerSecond"] = "3" });
        await fixture.InitializeAsync();
        try
        {
            var tenant = await fixture.TenantAsync(withFramework: false);
            using var eager = await tenant.ClientAsync(Scopes.Admin);
            using var calm = await tenant.ClientAsync(Scopes.Admin);

            var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => eager.GetAsync("/v1/keys")));
            using var other = await calm.GetAsync("/v1/keys");

            var refused = answers.Where(a => a.StatusCode == HttpStatusCode.TooManyRequests).ToList();
            Assert.NotEmpty(refused);
            Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.OK);
            Assert.All(refused, a => Assert.Equal(TimeSpan.FromSeconds(1), a.Headers.RetryAfter!.Delta));
            await other.ShouldBeAsync(HttpStatusCode.OK);
        }
        finally
        {
            await fixture.DisposeAsync();
        }
    }
}
