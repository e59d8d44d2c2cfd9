using System.Net;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>What every route for reading refuses.</summary>
internal static class Guards
{
    /// <summary>401 without a key, 403 that names the scope with a key of all other scopes, 404 for another tenant.</summary>
    internal static async Task GuardedAsync(this Tenant tenant, string path, params string[] scopes)
    {
        using var nobody = tenant.Fixture.Client(null);
        using (var answer = await nobody.GetAsync(path))
        {
            await answer.ShouldBeAsync(HttpStatusCode.Unauthorized);
        }

        using var lacking = await tenant.ClientAsync([.. Scopes.All.Except(scopes)]);
        using (var answer = await lacking.GetAsync(path))
        {
            await answer.ShouldBeAsync(HttpStatusCode.Forbidden);
            Assert.Equal(scopes[0], (string)(await answer.JsonAsync())["scope"]!);
        }

        var other = await tenant.Fixture.TenantAsync(withFramework: false);
        using var stranger = await other.ClientAsync([.. Scopes.All]);
        using (var answer = await stranger.GetAsync(path))
        {
            await answer.ShouldBeAsync(HttpStatusCode.NotFound);
        }
    }

    internal static async Task RefusesAsync(this HttpClient client, string path, HttpStatusCode status)
    {
        using var answer = await client.GetAsync(path);
        await answer.ShouldBeAsync(status);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>The body of a good answer.</summary>
    internal static async Task<byte[]> ReadAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.Content.ReadAsByteArrayAsync();
    }
}
