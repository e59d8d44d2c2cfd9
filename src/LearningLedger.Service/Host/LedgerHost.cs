using JasperFx;
using JasperFx.CodeGeneration;
using JasperFx.Events.Projections;
using LearningLedger.Service.Analytics;
using LearningLedger.Service.Awards;
using LearningLedger.Service.Erasure;
using LearningLedger.Service.Intake;
using LearningLedger.Service.Links;
using LearningLedger.Service.Log;
using LearningLedger.Service.Pages;
using LearningLedger.Service.Store;
using LearningLedger.Service.Xapi;
using LearningLedger.Service.Xapi.Forwarding;
using LearningLedger.Service.Xapi.Mappings;
using LearningLedger.Tables;
using Marten;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Npgsql;
using Scalar.AspNetCore;
using Wolverine;
using Wolverine.Http;
using Wolverine.Marten;

namespace LearningLedger.Service.Host;

/// <summary>Puts the service together.</summary>
public static class LedgerHost
{
    /// <summary>The service over a database and the pool it commits posts on; not started, schema not touched.</summary>
    public static WebApplication Build(WebApplicationBuilder builder, LedgerSettings settings, NpgsqlDataSource database, CommitPool commits, Vault vault)
    {
        var services = builder.Services;
        services.AddSingleton(settings);
        services.AddSingleton(database);
        services.AddSingleton(commits);
        services.AddSingleton(vault);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<KeyRing>();
        services.AddSingleton<BodyRoom>();
        services.AddSingleton<Catalogue>();
        services.AddSingleton<SingleNode>();
        services.AddSingleton<ShardRevival>();
        services.AddHostedService(s => s.GetRequiredService<ShardRevival>());
        services.AddHostedService<SilentSessions>();
        services.AddHostedService<TableStatistics>();
        services.AddSingleton<LearnerDecisions>();
        services.AddSingleton<CatalogueDecisions>();
        services.AddSingleton<Identities>();
        services.AddSingleton<FactCommit>();
        services.AddSingleton<Committer>();
        services.AddHostedService(s => s.GetRequiredService<Committer>());
        services.AddSingleton<EventStream>();
        services.AddSingleton<TenantKeys>();
        services.AddSingleton<Documents>();
        services.AddSingleton<Signatures>();
        services.AddSingleton<MappingCatalogue>();
        services.AddSingleton<MappedEvents>();
        services.AddSingleton<StatementCommit>();
        services.AddSingleton<StatementStore>();
        services.AddHostedService(s => s.GetRequiredService<StatementStore>());
        services.AddSingleton<ForwardClient>();
        services.AddHostedService<ForwardingService>();
        services.AddSingleton<AwardSearch>();
        services.AddSingleton<ExpireAwards>();
        services.AddHostedService(s => s.GetRequiredService<ExpireAwards>());
        services.AddSingleton<KeptAnswers>();
        services.AddSingleton<KeptStandings>();
        services.AddHostedService(s => s.GetRequiredService<KeptStandings>());
        services.AddSingleton<CohortQuestion>();
        services.AddHostedService<HighWaterNotes>();
        services.AddSingleton<Releases>();
        services.AddHostedService(s => s.GetRequiredService<Releases>());
        services.AddSingleton<LogOrigins>();
        services.AddSingleton<ReceiptSigner>();
        services.AddSingleton<SaltKeys>();
        services.AddSingleton<PendingEvents>();
        services.AddSingleton<LogWriter>();
        services.AddSingleton<RecentHeads>();
        services.AddSingleton<WitnessKey>();
        services.AddSingleton<Signer>();
        services.AddSingleton<OutsideWitnesses>();
        services.AddSingleton<Publication>();
        services.AddHostedService(s => s.GetRequiredService<Publication>());
        services.AddSingleton<Witness>();
        services.AddHostedService<Dating>();
        services.AddHostedService<Stamping>();
        services.AddSingleton<Sequencer>();
        services.AddHostedService<Sequencing>();
        services.AddSingleton<HeadsWriter>();
        services.AddHostedService<HeadsKeeping>();
        services.AddSingleton<LedgerAudit>();
        services.AddSingleton<Reconciliation>();
        services.AddHostedService(s => s.GetRequiredService<Reconciliation>());
        services.AddSingleton<Epochs>();
        services.AddSingleton<ProofBundles>();
        services.AddSingleton<TranscriptProof>(s => s.GetRequiredService<ProofBundles>().AnswerAsync);
        services.AddSingleton<EraseStatements>();
        services.AddSingleton<EraseToo>(s => s.GetRequiredService<EraseStatements>().EraseAsync);
        services.AddSingleton<Forget>(s => s.GetRequiredService<Identities>().Forget);
        services.AddSingleton<Forget>(s => s.GetRequiredService<SaltKeys>().Forget);
        services.AddHostedService<ForgetErased>();
        services.AddSingleton<LearnerLinks>();
        services.AddSingleton<LearnerErasures>();
        var stopping = false;
        LogFilters.Add(builder.Logging, () => Volatile.Read(ref stopping));
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Limits.MaxRequestBodySize = settings.Limits.BodyBytes;
            k.AddServerHeader = false;
        });
        services.ConfigureHttpJsonOptions(o => LedgerJson.Configure(o.SerializerOptions));

        services.AddAuthentication(KeyAuthentication.SchemeName).AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddSingleton<IAuthorizationHandler, ScopeAuthorization>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, ScopeRefusal>();

        services.AddMarten(o =>
        {
            LedgerStore.Configure(o, database);
            o.Projections.Add(new AnalyticsProjection(o.Projections, TimeProvider.System), ProjectionLifecycle.Async);
        }).UseLightweightSessions().IntegrateWithWolverine(m =>
        {
            m.UseWolverineManagedEventSubscriptionDistribution = true;
            m.MessageStorageSchemaName = SqlNames.Wolverine;
        }).SubscribeToEventsWithServices<AwardWatch>(ServiceLifetime.Singleton);
        builder.Host.UseWolverine(o =>
        {
            o.ApplicationAssembly = typeof(LedgerHost).Assembly;
            o.Durability.Mode = settings.Nodes == NodesMode.Several ? DurabilityMode.Balanced : DurabilityMode.Solo;
            if (settings.Nodes == NodesMode.Several)
            {
                o.Durability.HealthCheckPollingTime = o.Durability.CheckAssignmentPeriod = Limits.SignOfLife;
                o.Durability.StaleNodeTimeout = Limits.NodeSilent;
            }

            o.Policies.UseDurableLocalQueues();

            // `codegen write` is run from the project's folder, see .ci/codegen; nothing else writes there.
            o.CodeGeneration.GeneratedCodeOutputPath = Path.Combine(Environment.CurrentDirectory, "Internal", "Generated");
#if DEBUG
            o.CodeGeneration.TypeLoadMode = TypeLoadMode.Dynamic;
#else
            o.CodeGeneration.TypeLoadMode = TypeLoadMode.Static;
#endif
        });
        services.CritterStackDefaults(x => x.Production.ResourceAutoCreate = AutoCreate.None);
        services.AddWolverineHttp();
        services.AddOpenApi("v1", ApiDescription.Configure);
        RateLimit.Add(services, settings.Limits);
        Telemetry.Add(services, builder.Configuration, settings.Metrics);
        PagesHost.Add(services, settings);

        var app = builder.Build();

        // A file of roots that cannot be read stops the start, not the first signed statement.
        app.Services.GetRequiredService<Signatures>();
        app.Lifetime.ApplicationStopping.Register(() => Volatile.Write(ref stopping, true));
        app.UseMiddleware<Failures>();
        app.UseMiddleware<XapiProtocol>();

        // After the protocol, which may turn a request into the one it stands for.
        app.UseRouting();
        PagesHost.Use(app);
        app.UseAuthentication();
        if (settings.Limits.RequestsPerSecond > 0)
        {
            app.UseRateLimiter();
        }

        app.UseAuthorization();
        PagesHost.Map(app);
        Health.Map(app);
        LogFiles.Map(app, settings);
        Telemetry.Map(app, settings.Metrics);
        WitnessEndpoints.Map(app, settings);
        app.MapOpenApi(ApiDescription.DocumentRoute);
        app.MapScalarApiReference(ApiDescription.PageRoute, o => o.WithTitle("LearningLedger API"));
        app.MapWolverineEndpoints(o => o.RejectUnparseableQueryValues = o.RejectUnparseableHeaderValues = true);
        PagesHost.Open(app);
        return app;
    }
}
