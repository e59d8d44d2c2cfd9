using System.Diagnostics.Metrics;
using LearningLedger.Service.Store;
using LearningLedger.Tables;
using Npgsql;

namespace LearningLedger.Service.Host;

/// <summary>Metrics of what lies in the database: how far projections and log have come. Looked at every few seconds, while metrics are taken.</summary>
/// <remarks>Where the database does not answer only <c>ledger.ready</c> is told, as 0: an old figure would look like a good one.</remarks>
public sealed class StateGauges : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    // Age of the first event a projection has not seen, and of the oldest event without a leaf; 0 where there is none. Tenants are skipped through, see PendingEvents.
    private const string Ages =
        $"""
        select p.name, coalesce(extract(epoch from clock_timestamp() - (select e.timestamp from ledger.mt_events e where e.seq_id > p.last_seq_id order by e.seq_id limit 1)), 0)::float8
          from ledger.mt_event_progression p where {SqlNames.IsProjection};
        with recursive oldest as (
          (select tenant_id, first_seq from tlog.pending order by tenant_id, first_seq limit 1)
          union all
          select n.tenant_id, n.first_seq from oldest o cross join lateral (
            select p.tenant_id, p.first_seq from tlog.pending p where p.tenant_id > o.tenant_id order by p.tenant_id, p.first_seq limit 1) n)
        select coalesce(extract(epoch from clock_timestamp() - min(e.timestamp)), 0)::float8 from oldest o join ledger.mt_events e on e.seq_id = o.first_seq;
        """;

    private sealed record State(Health.Readiness Readiness, IReadOnlyDictionary<string, double> ProjectionSeconds, double LogSeconds);

    private readonly NpgsqlDataSource database;
    private readonly ShardRevival shards;
    private readonly SingleNode node;
    private readonly LedgerSettings settings;
    private readonly TimeProvider time;
    private volatile State? state;

    /// <summary>Makes the instruments; they belong to this service and end with it.</summary>
    public StateGauges(NpgsqlDataSource database, ShardRevival shards, SingleNode node, LedgerSettings settings, TimeProvider time, IMeterFactory meters)
    {
        (this.database, this.shards, this.node, this.settings, this.time) = (database, shards, node, settings, time);
        var meter = meters.Create(Telemetry.MeterName);
        meter.CreateObservableGauge("ledger.ready", () => state?.Readiness.Faults.Count == 0 ? 1 : 0, null, "1 while the service is ready, else 0.");
        meter.CreateObservableGauge("ledger.sequence", () => Each<Measurement<long>>(s => [new(s.Readiness.Sequence)]), "{event}", "Sequence of the last event.");
        meter.CreateObservableGauge(
            "ledger.projection.behind", () => Each(s => s.Readiness.Projections.Select(p => Of(p.Value, "projection", p.Key))), "{event}", "Events a projection has not seen yet.");
        meter.CreateObservableGauge(
            "ledger.projection.lag", () => Each(s => s.ProjectionSeconds.Select(p => Of(p.Value, "projection", p.Key))), "s", "Age of the oldest event a projection has not seen yet.");
        meter.CreateObservableGauge("ledger.log.pending", () => Each(s => Log(s, l => l.Pending)), "{event}", "Events that wait for their leaf, counted up to 100,000.");
        meter.CreateObservableGauge("ledger.log.lag", () => Each<Measurement<double>>(s => [new(s.LogSeconds)]), "s", "Age of the oldest event that waits for its leaf.");
        meter.CreateObservableGauge("ledger.log.behind", () => Each(s => Log(s, l => l.Unsigned)), "{log}", "Logs whose newest leaves no checkpoint covers yet.");
        meter.CreateObservableGauge("ledger.log.findings", () => Each(s => Log(s, l => l.Findings.Values.Sum() - Unwitnessed(l))), "{finding}", "What does not agree between events and logs, and is not mended.");
        meter.CreateObservableGauge("ledger.log.unwitnessed", () => Each(s => Log(s, Unwitnessed)), "{log}", "Logs whose last checkpoint lacks the quorum of witnesses that was asked for.");
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Telemetry.Show();
        return Rounds.RunAsync(Pace, time, async stop => state = await LookAsync(stop), _ => state = null, stoppingToken);
    }

    private async Task<State?> LookAsync(CancellationToken cancellation)
    {
        if (settings.Nodes == NodesMode.Single && !node.Held)
        {
            return null;
        }

        var readiness = await Health.LookAsync(database, await shards.PausedAsync(), cancellation);
        await using var command = database.CreateCommand(Ages);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var projections = new Dictionary<string, double>();
        while (await reader.ReadAsync(cancellation))
        {
            projections[reader.GetString(0)] = reader.GetDouble(1);
        }

        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new State(readiness, projections, reader.GetDouble(0));
    }

    private static long Unwitnessed(Health.LogState log) => log.Findings.GetValueOrDefault(Finding.NotWitnessedKind);

    private IEnumerable<T> Each<T>(Func<State, IEnumerable<T>> of) => state is { } seen ? of(seen) : [];

    private static IEnumerable<Measurement<long>> Log(State seen, Func<Health.LogState, long> of) =>
        seen.Readiness.Log is { } log ? [new Measurement<long>(of(log))] : [];

    private static Measurement<T> Of<T>(T value, string tag, string name)
        where T : struct => new(value, new KeyValuePair<string, object?>(tag, name));
}
