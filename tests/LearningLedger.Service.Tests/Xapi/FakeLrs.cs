using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LearningLedger.Service.Tests.Xapi;

/// <summary>Another learning record store that can be told to misbehave.</summary>
internal sealed class FakeLrs : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeLrs(WebApplication app) => this.app = app;

    internal string Url => app.Urls.First() + "/lrs";

    /// <summary>What was taken, each statement at every time it was.</summary>
    internal ConcurrentQueue<JsonNode> Taken { get; } = new();

    /// <summary>Headers and bodies of all requests.</summary>
    internal ConcurrentQueue<(string Authorization, string Version, string ContentType, string Body)> Requests { get; } = new();

    /// <summary>What to answer to a request with these statements; null: take them.</summary>
    internal Func<IReadOnlyList<Guid>, Task<int?>> Mood { get; set; } = _ => Task.FromResult<int?>(null);

    internal IEnumerable<Guid> TakenIds => Taken.Select(s => s["id"]!.GetValue<Guid>());

    internal static async Task<FakeLrs> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var lrs = new FakeLrs(app);
        app.MapPost("/lrs/statements", lrs.PostAsync);
        await app.StartAsync();
        return lrs;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task PostAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
        var body = await reader.ReadToEndAsync();
        Requests.Enqueue((context.Request.Headers.Authorization.ToString(), context.Request.Headers["X-Experience-API-Version"].ToString(), context.Request.ContentType!, body));
        var json = context.Request.ContentType!.StartsWith("multipart/mixed", StringComparison.Ordinal) ? body[body.IndexOf('{', StringComparison.Ordinal)..body.IndexOf("\r\n--", body.IndexOf('{', StringComparison.Ordinal), StringComparison.Ordinal)] : body;
        var statements = JsonSerializer.Deserialize<JsonNode>(json) is JsonArray many ? many.ToList() : [JsonNode.Parse(json)];
        if (await Mood([.. statements.Select(s => s!["id"]!.GetValue<Guid>())]) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        statements.ForEach(s => Taken.Enqueue(s!));
        await context.Response.WriteAsJsonAsync(statements.Select(s => s!["id"]!.GetValue<Guid>()));
    }
}
