using JasperFx;
using JasperFx.Events.Daemon;
using LearningLedger.Service.Host;
using IProjectionCoordinator = Marten.Events.Daemon.Coordination.IProjectionCoordinator;

namespace LearningLedger.Service.Store;

/// <summary>Sets those projections and subscriptions going again that stopped because the database was away, or another service had gone on with them.</summary>
/// <remarks>
/// The daemon pauses a shard whose page fails, whatever the cause. Among several services Wolverine looks after the paused ones; in a single one
/// nobody does. A shard starts again where its last committed page ended, so no event is left out, and one that stopped at an event it cannot apply
/// stays stopped: that needs a person.
/// </remarks>
public sealed class ShardRevival(IProjectionCoordinator coordinator, SingleNode node, LedgerSettings settings, TimeProvider time, ILogger<ShardRevival> log) : BackgroundService
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>How <see cref="Exception.ToString"/> begins the line of an exception's cause.</summary>
    private const string Cause = "---> ";

    private readonly Dictionary<string, (int Tries, DateTimeOffset Last)> tried = [];

    /// <summary>What is paused in this service, and the whole failure. The database may not know: it was away when that was to be written down.</summary>
    public async Task<IReadOnlyDictionary<string, string?>> PausedAsync() =>
        (await AgentsAsync()).Where(a => a.Agent.Status == AgentStatus.Paused).ToDictionary(a => a.Agent.Name.Identity, a => a.Agent.Failure?.Detail);

    /// <summary>In one line what failed and, where that is something else, what it came from. Both begin a line of the whole failure, each with its type.</summary>
    public static string Reason(string? failure)
    {
        var lines = (failure ?? "no reason given").Split('\n', StringSplitOptions.TrimEntries);
        var cause = lines.LastOrDefault(l => l.StartsWith(Cause, StringComparison.Ordinal));
        return cause is null ? WithoutType(lines[0]) : $"{WithoutType(lines[0])} ({WithoutType(cause[Cause.Length..])})";
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        settings.Nodes == NodesMode.Several ? Task.CompletedTask : Rounds.RunAsync(Glance, time, RoundAsync, stoppingToken, atOnce: false);

    private static string WithoutType(string line) => line[(line.IndexOf(": ", StringComparison.Ordinal) is var colon and >= 0 ? colon + 2 : 0)..];

    private async Task RoundAsync(CancellationToken cancellation)
    {
        foreach (var (daemon, agent) in node.Held ? await AgentsAsync() : [])
        {
            if (agent is { Status: AgentStatus.Paused, Failure.IsTransient: true } && IsDue(agent.Name.Identity))
            {
                await ReviveAsync(daemon, agent, cancellation);
            }
        }
    }

    private async Task<IEnumerable<(IProjectionDaemon Daemon, ISubscriptionAgent Agent)>> AgentsAsync() =>
        (await coordinator.AllDaemonsAsync()).SelectMany(d => d.CurrentAgents().Select(a => (d, a)));

    /// <summary>At once the first time, then after waits that double; a shard that has run for long begins anew.</summary>
    private bool IsDue(string shard)
    {
        if (!tried.TryGetValue(shard, out var before))
        {
            return true;
        }

        var since = time.GetUtcNow() - before.Last;
        if (since > 2 * LongestWait)
        {
            tried.Remove(shard);
            return true;
        }

        return since >= TimeSpan.FromSeconds(Math.Min(Math.Pow(2, before.Tries - 1), LongestWait.TotalSeconds));
    }

    private async Task ReviveAsync(IProjectionDaemon daemon, ISubscriptionAgent agent, CancellationToken cancellation)
    {
        var shard = agent.Name.Identity;
        tried[shard] = (tried.GetValueOrDefault(shard).Tries + 1, time.GetUtcNow());
        try
        {
            if (daemon.IsHighWaterStale)
            {
                await daemon.RestartHighWaterAgentAsync(cancellation);
            }

            await daemon.StartAgentAsync(agent.Name, cancellation);
            Telemetry.ShardsRevived.Add(1);
            log.ShardRevived(shard, Reason(agent.Failure!.Detail));
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.ShardNotRevived(e, shard);
        }
    }
}
