using System.Runtime.InteropServices;
using System.Text.Json;
using LearningLedger.Benchmarks.Load;
using LearningLedger.Events;
using LearningLedger.Service.Store;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LearningLedger.Benchmarks;

/// <summary>What Marten's documentation leads to: a session, an append and a save for each event, behind the same HTTP server.</summary>
/// <remarks>It checks nothing, looks nobody up, answers nothing and runs no projection, all of which is in its favour.</remarks>
internal static class MartenServer
{
    /// <summary>Learners' streams exist already, as they do in the service.</summary>
    public static async Task PrepareAsync(string connectionString, int learners, CancellationToken cancellation)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var store = DocumentStore.For(o => LedgerStore.Configure(o, database));
        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        foreach (var some in Enumerable.Range(0, learners).Chunk(500))
        {
            await using var session = store.LightweightSession(Installation.DefaultTenant);
            foreach (var id in some.Select(i => Stream(Requests.Subject(i))))
            {
                session.Events.StartStream<Learner>(id, new LearnerRegistered(id));
            }

            await session.SaveChangesAsync(cancellation);
        }
    }

    /// <summary>The process; runs until it is told to stop.</summary>
    public static async Task<int> RunAsync(string connectionString, string url)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddMarten(o => LedgerStore.Configure(o, database)).UseLightweightSessions();
        await using var app = builder.Build();
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (Exception e)
            {
                // Whoever is refused should learn why.
                context.Response.StatusCode = 500;
                await context.Response.WriteAsync(e.GetBaseException().Message);
            }
        });
        app.MapGet("/", () => "ready");
        app.MapPost("/v1/events", async (HttpRequest request, IDocumentStore store, CancellationToken cancellation) =>
        {
            using var posted = await JsonDocument.ParseAsync(request.Body, default, cancellation);
            var root = posted.RootElement;
            return await SaveAsync(
                store, root.GetProperty("time").GetString()!, root.GetProperty("source").GetString()!, root.GetProperty("subject").GetString()!,
                root.GetProperty("data").Deserialize<SkillAttempted>(LedgerJson.Options)!, cancellation);
        });
        app.MapPost("/xapi/statements", async (HttpRequest request, IDocumentStore store, CancellationToken cancellation) =>
        {
            using var posted = await JsonDocument.ParseAsync(request.Body, default, cancellation);
            var root = posted.RootElement;
            var account = root.GetProperty("actor").GetProperty("account");
            return await SaveAsync(
                store, root.GetProperty("timestamp").GetString()!, account.GetProperty("homePage").GetString()!, account.GetProperty("name").GetString()!,
                new StatementStored(
                    root.GetProperty("id").GetGuid(), root.GetProperty("verb").GetProperty("id").GetString()!, DateTimeOffset.UtcNow, "",
                    new Sealed(Convert.ToBase64String(JsonMarshal.GetRawUtf8Value(root))), root.GetProperty("object").GetProperty("id").GetString(),
                    root.GetProperty("context").GetProperty("registration").GetGuid()),
                cancellation);
        });
        await app.RunAsync();
        return 0;
    }

    private static async Task<IResult> SaveAsync(
        IDocumentStore store, string occurred, string source, string subject, ILedgerEvent what, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession(Installation.DefaultTenant);
        session.SetHeader(EventHeaders.Occurred, occurred);
        session.SetHeader(EventHeaders.Source, source);
        session.SetHeader(EventHeaders.Actor, "key:bench");
        session.Events.Append(Stream(subject), what);
        await session.SaveChangesAsync(cancellation);
        return Results.Ok();
    }

    private static Guid Stream(string subject) => LedgerIds.Derive("bench", subject);
}
