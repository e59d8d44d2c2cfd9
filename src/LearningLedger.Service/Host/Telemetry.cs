using System.Diagnostics.Metrics;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LearningLedger.Service.Host;

/// <summary>What the service tells about itself: every instrument of ours is named here.</summary>
public static class Telemetry
{
    /// <summary>Name of our meter.</summary>
    public const string MeterName = "LearningLedger";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Events recorded.</summary>
    public static readonly Counter<long> EventsRecorded = Meter.CreateCounter<long>("ledger.events.recorded", "{event}", "Events recorded by posting.");

    /// <summary>Events found recorded before.</summary>
    public static readonly Counter<long> EventsDuplicate = Meter.CreateCounter<long>("ledger.events.duplicate", "{event}", "Posted events that were recorded before.");

    /// <summary>Posts refused because they conflict with what is stored.</summary>
    public static readonly Counter<long> PostsRefused = Meter.CreateCounter<long>("ledger.posts.refused", "{request}", "Posts refused because they conflict with what is stored.");

    /// <summary>Events that shared one transaction.</summary>
    public static readonly Histogram<int> CommitEvents = Meter.CreateHistogram<int>("ledger.commit.events", "{event}", "Events in one commit.");

    /// <summary>Requests that shared one transaction.</summary>
    public static readonly Histogram<int> CommitRequests = Meter.CreateHistogram<int>("ledger.commit.requests", "{request}", "Requests in one commit.");

    /// <summary>Seconds one commit took.</summary>
    public static readonly Histogram<double> CommitSeconds = Meter.CreateHistogram<double>("ledger.commit.duration", "s", "Time of one commit, flush included.");

    /// <summary>Streams of events that are being read.</summary>
    public static readonly UpDownCounter<int> StreamsOpen = Meter.CreateUpDownCounter<int>("ledger.streams.open", "{request}", "Streams of events that are being read.");

    /// <summary>Projections set going again after the database was away.</summary>
    public static readonly Counter<long> ShardsRevived = Meter.CreateCounter<long>("ledger.shards.revived", "{shard}", "Projections set going again after the database was away.");

    /// <summary>Events that got their leaf in a log.</summary>
    public static readonly Counter<long> LeavesLogged = Meter.CreateCounter<long>("ledger.log.leaves", "{event}", "Events that got their leaf in the tamper-evident log.");

    /// <summary>Times a log was not signed because it did not agree with what was signed before, or with itself.</summary>
    public static readonly Counter<long> LogsUnsigned = Meter.CreateCounter<long>("ledger.log.unsigned", "{refusal}", "Times a log was not signed.");

    /// <summary>Adds traces and metrics; they leave the machine only when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names where to.</summary>
    public static void Add(IServiceCollection services, IConfiguration configuration)
    {
        if (string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService("learningledger", serviceVersion: typeof(Telemetry).Assembly.GetName().Version!.ToString(3)))
            .WithTracing(t => t.AddAspNetCoreInstrumentation().AddNpgsql().AddSource("Marten", "Wolverine").AddOtlpExporter())
            .WithMetrics(m => m.AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddMeter(MeterName, "Marten", "Wolverine*", "Npgsql").AddOtlpExporter());
    }
}
