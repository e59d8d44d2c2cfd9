using System.Security.Claims;
using System.Text.Json;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Pages;

/// <summary>The service's own HTTP API, asked in process as the key that is signed in.</summary>
/// <remarks>
/// A page sees what the key would see by HTTP, decides by the same path and shows the same numbers; no page reads a table that the API answers for.
/// The request never leaves the process, and passes routing, scopes and endpoints as any other.
/// </remarks>
public sealed class OwnApi(IServiceScopeFactory scopes)
{
    private RequestDelegate? pipeline;

    /// <summary>Builds the way of such a request: failures, routing, scopes, endpoint. Called when every route is mapped.</summary>
    public static void Open(WebApplication app)
    {
        var way = ((IApplicationBuilder)app).New();
        way.UseMiddleware<Failures>();
        way.UseRouting();
        way.UseAuthorization();
        way.UseEndpoints(routes =>
        {
            foreach (var source in ((IEndpointRouteBuilder)app).DataSources)
            {
                routes.DataSources.Add(source);
            }
        });
        app.Services.GetRequiredService<OwnApi>().pipeline = way.Build();
    }

    /// <summary>Reads a resource.</summary>
    /// <param name="page">The request of the page; its caller asks.</param>
    /// <param name="pathAndQuery">Below <c>/v1/</c>; parts that are not ours must be escaped, see <see cref="Uri.EscapeDataString(string)"/>.</param>
    /// <param name="prefer">The header Prefer, such as how long to wait; null: none.</param>
    public Task<ApiAnswer> GetAsync(HttpContext page, string pathAndQuery, string? prefer = null) => SendAsync(page, HttpMethods.Get, pathAndQuery, null, prefer);

    /// <summary>Sends a command.</summary>
    public Task<ApiAnswer> PostAsync(HttpContext page, string pathAndQuery, object body) => SendAsync(page, HttpMethods.Post, pathAndQuery, body);

    /// <summary>Deletes.</summary>
    public Task<ApiAnswer> DeleteAsync(HttpContext page, string pathAndQuery) => SendAsync(page, HttpMethods.Delete, pathAndQuery, null);

    private async Task<ApiAnswer> SendAsync(HttpContext page, string method, string pathAndQuery, object? body, string? prefer = null)
    {
        if (!pathAndQuery.StartsWith("/v1/", StringComparison.Ordinal))
        {
            throw new ArgumentException("Pages ask below /v1/ only.", nameof(pathAndQuery));
        }

        var caller = page.Caller();
        await using var scope = scopes.CreateAsyncScope();
        using var answer = new MemoryStream();
        var inner = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = page.RequestAborted };
        inner.Features.Set(caller);
        inner.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, caller.KeyId)], nameof(OwnApi)));
        inner.Response.Body = answer;
        var (request, query) = (inner.Request, pathAndQuery.IndexOf('?'));
        request.Method = method;
        request.Scheme = page.Request.Scheme;
        request.Host = page.Request.Host;
        request.Path = PathString.FromUriComponent(query < 0 ? pathAndQuery : pathAndQuery[..query]);
        request.QueryString = query < 0 ? default : new QueryString(pathAndQuery[query..]);
        request.Headers.Accept = "application/json";
        if (prefer is not null)
        {
            request.Headers["Prefer"] = prefer;
        }

        if (body is not null)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(body, LedgerJson.Options);
            request.Body = new MemoryStream(bytes);
            request.ContentType = "application/json";
            request.ContentLength = bytes.Length;
        }

        await pipeline!(inner);
        return new ApiAnswer(inner.Response.StatusCode, answer.ToArray());
    }
}

/// <summary>What the API answered a page.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The bytes as anybody would have got them.</param>
public sealed record ApiAnswer(int Status, byte[] Body)
{
    /// <summary>Whether it is what was asked for.</summary>
    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>Why not, for people: the problem's detail, and each fault it lists.</summary>
    public string Problem
    {
        get
        {
            using var problem = JsonDocument.Parse(Body);
            var root = problem.RootElement;
            var detail = root.TryGetProperty("detail", out var text) ? text.GetString()! : $"The service answered {Status}.";
            return root.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 1
                ? string.Join(" ", errors.EnumerateArray().Select(e => $"{e.GetProperty("field").GetString()}: {e.GetProperty("message").GetString()}"))
                : detail;
        }
    }

    /// <summary>The body.</summary>
    /// <exception cref="InvalidOperationException">It is a problem.</exception>
    public T Read<T>() => Succeeded
        ? JsonSerializer.Deserialize<T>(Body, LedgerJson.Options)!
        : throw new InvalidOperationException($"The service answered {Status}: {Problem}");
}
