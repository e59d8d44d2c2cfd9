using System.Diagnostics.Metrics;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LearningLedger.Service.Host;

/// <summary>What the service tells about itself: every instrument of ours is named here; <see cref="StateGauges"/> reads those that lie in the database.</summary>
/// <remarks>
/// No label tells of a person, a learner or a tenant, and none takes more values than a screen shows. Tenants are left out on purpose: their number has no
/// bound, whoever runs the service need not know their volumes, and what a tenant does is asked of its own events.
/// </remarks>
public static class Telemetry
{
    /// <summary>Name of our meter.</summary>
    public const string MeterName = "LearningLedger";

    /// <summary>Where metrics are read, if a setting says so.</summary>
    public const string PrometheusRoute = "/metrics";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> EventsRecorded = Meter.CreateCounter<long>("ledger.events.recorded", "{event}", "Events recorded, by type and by whom: a caller or the policy.");

    private static readonly Counter<long> RequestsRefused = Meter.CreateCounter<long>("ledger.requests.refused", "{request}", "Requests refused, by the word of the problem document.");

    private static readonly Histogram<int> CommitEvents = Meter.CreateHistogram(
        "ledger.commit.events", "{event}", "Events in one commit.", advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000] });

    private static readonly Histogram<int> CommitRequests = Meter.CreateHistogram(
        "ledger.commit.requests", "{request}", "Requests in one commit.", advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000] });

    private static readonly Histogram<double> CommitSeconds = Meter.CreateHistogram("ledger.commit.duration", "s", "Time of one commit, flush included.", advice: Durations);

    private static readonly UpDownCounter<long> QueueRequests = Meter.CreateUpDownCounter<long>("ledger.queue.requests", "{request}", "Requests that wait for their commit or are in it.");

    private static readonly UpDownCounter<long> QueueBytes = Meter.CreateUpDownCounter<long>("ledger.queue.size", "By", "Memory of requests that wait for their commit or are in it.");

    private static readonly Histogram<double> AnswerSeconds = Meter.CreateHistogram(
        "ledger.analytics.answer.duration", "s", "Time of an answer about a cohort, by question, and whether it was kept from before.", advice: Durations);

    /// <summary>Events found recorded before.</summary>
    public static readonly Counter<long> EventsDuplicate = Meter.CreateCounter<long>("ledger.events.duplicate", "{event}", "Posted events that were recorded before.");

    /// <summary>Streams of events that are being read.</summary>
    public static readonly UpDownCounter<int> StreamsOpen = Meter.CreateUpDownCounter<int>("ledger.streams.open", "{request}", "Streams of events that are being read.");

    /// <summary>Projections set going again after the database was away.</summary>
    public static readonly Counter<long> ShardsRevived = Meter.CreateCounter<long>("ledger.projections.revived", "{projection}", "Projections set going again after the database was away.");

    /// <summary>Events that got their leaf in a log.</summary>
    public static readonly Counter<long> LeavesLogged = Meter.CreateCounter<long>("ledger.log.leaves", "{event}", "Events that got their leaf in the tamper-evident log.");

    /// <summary>Times a log was not signed because it did not agree with what was signed before, or with itself.</summary>
    public static readonly Counter<long> LogsUnsigned = Meter.CreateCounter<long>("ledger.log.unsigned", "{refusal}", "Times a log was not signed.");

    /// <summary>Statements another store has taken.</summary>
    public static readonly Counter<long> StatementsForwarded = Meter.CreateCounter<long>("ledger.statements.forwarded", "{statement}", "xAPI statements another store has taken.");

    /// <summary>Statements another store would not take.</summary>
    public static readonly Counter<long> StatementsNotTaken = Meter.CreateCounter<long>("ledger.statements.not_taken", "{statement}", "xAPI statements another store would not take.");

    private static InstrumentAdvice<double> Durations => new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };

    /// <summary>Shows counters before they count: one that comes with its first event hides that from whoever asks for increases.</summary>
    public static void Show()
    {
        EventsDuplicate.Add(0);
        LeavesLogged.Add(0);
        LogsUnsigned.Add(0);
        ShardsRevived.Add(0);
        StreamsOpen.Add(0);
        StatementsForwarded.Add(0);
        StatementsNotTaken.Add(0);
    }

    /// <summary>Events are on disk.</summary>
    /// <param name="types">The type of each.</param>
    /// <param name="actor">Who decided them; null: they were posted.</param>
    public static void Recorded(IEnumerable<string> types, string? actor = null)
    {
        var by = actor?.StartsWith("policy:", StringComparison.Ordinal) is true ? "policy" : "caller";
        foreach (var (type, count) in types.CountBy(t => t))
        {
            EventsRecorded.Add(count, new("type", type), new("by", by));
        }
    }

    /// <summary>A request is refused.</summary>
    /// <param name="problem">The stable word of the problem document.</param>
    public static void Refused(string problem) => RequestsRefused.Add(1, new KeyValuePair<string, object?>("problem", problem));

    /// <summary>A commit has ended.</summary>
    public static void Committed(string queue, int requests, int events, TimeSpan took)
    {
        var tag = new KeyValuePair<string, object?>("queue", queue);
        CommitSeconds.Record(took.TotalSeconds, tag);
        CommitRequests.Record(requests, tag);
        CommitEvents.Record(events, tag);
    }

    /// <summary>A request of so many bytes has come to a queue (1) or left it (-1).</summary>
    public static void Queued(string queue, int requests, long bytes)
    {
        var tag = new KeyValuePair<string, object?>("queue", queue);
        QueueRequests.Add(requests, tag);
        QueueBytes.Add(requests * bytes, tag);
    }

    /// <summary>A question about a cohort is answered.</summary>
    public static void Answered(string question, bool kept, TimeSpan took) =>
        AnswerSeconds.Record(took.TotalSeconds, new("question", question), new("kept", kept ? "yes" : "no"));

    /// <summary>
    /// Adds traces and metrics. They leave the machine only when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names where to; metrics are read at
    /// <see cref="PrometheusRoute"/> only when <c>Ledger__Metrics__Prometheus</c> says so.
    /// </summary>
    public static void Add(IServiceCollection services, IConfiguration configuration, MetricsSettings settings)
    {
        var sent = !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        if (!sent && !settings.Prometheus)
        {
            return;
        }

        services.AddHostedService<StateGauges>();
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService("learningledger", serviceVersion: typeof(Telemetry).Assembly.GetName().Version!.ToString(3)))
            .WithMetrics(m => Metrics(m, sent, settings.Prometheus));
        if (sent)
        {
            telemetry.WithTracing(t => t.AddAspNetCoreInstrumentation().AddNpgsql().AddSource("Marten", "Wolverine").AddOtlpExporter());
        }
    }

    /// <summary>Maps <see cref="PrometheusRoute"/>: it tells of all tenants together, so it takes a key of the operator's own tenant.</summary>
    public static void Map(WebApplication app, MetricsSettings settings)
    {
        if (settings.Prometheus)
        {
            app.MapPrometheusScrapingEndpoint(PrometheusRoute, meterProvider: null, OfOperator, optionsName: null)
                .RequireAuthorization(new RequiresScopeAttribute(Scopes.MetricsRead));
        }
    }

    private static void OfOperator(IApplicationBuilder branch) => branch.Use(next => context =>
        context.Caller().Tenant == Store.Installation.DefaultTenant
            ? next(context)
            : Problems.Forbidden("operator-only", "Metrics tell of all organisations together; only keys of the operator's may read them.").ExecuteAsync(context));

    private static void Metrics(MeterProviderBuilder metrics, bool sent, bool read)
    {
        // Marten and Wolverine count by tenant. Of appended events ledger.events.recorded counts all, Marten those of its own sessions.
        metrics.AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddMeter(MeterName, "Marten", "Wolverine*", "Npgsql")
            .AddView("marten.event.append", MetricStreamConfiguration.Drop)
            .AddView(i => i.Meter.Name.StartsWith("Wolverine", StringComparison.Ordinal) ? new MetricStreamConfiguration { TagKeys = ["message.type", "exception.type"] } : null);
        if (sent)
        {
            metrics.AddOtlpExporter();
        }

        if (read)
        {
            metrics.AddPrometheusExporter();
        }
    }
}
