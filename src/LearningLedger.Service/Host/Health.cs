using LearningLedger.Service.Store;
using Npgsql;

namespace LearningLedger.Service.Host;

/// <summary>Whether the service lives, and whether it can do its work.</summary>
public static class Health
{
    /// <summary>What readiness looks at.</summary>
    /// <param name="Status"><c>ready</c> or <c>unready</c>.</param>
    /// <param name="Sequence">Head of the ledger.</param>
    /// <param name="Projections">Each projection and how many events it lies behind.</param>
    /// <param name="Faults">What keeps it from being ready.</param>
    /// <param name="Log">The tamper-evident log; null when nothing could be looked at.</param>
    public sealed record Readiness(string Status, long Sequence, IReadOnlyDictionary<string, long> Projections, IReadOnlyList<string> Faults, LogState? Log = null);

    /// <summary>The tamper-evident log. What it finds is for people to look at; the service goes on recording meanwhile.</summary>
    /// <param name="Pending">Events that wait for their leaf, counted up to 100,000.</param>
    /// <param name="Unsigned">Logs whose newest leaves no checkpoint covers yet.</param>
    /// <param name="Findings">What does not agree: how often by kind; the verb <c>reconcile</c> tells which.</param>
    public sealed record LogState(long Pending, long Unsigned, IReadOnlyDictionary<string, long> Findings);

    /// <summary>Maps <c>/health/live</c> and <c>/health/ready</c>, open to everyone.</summary>
    public static void Map(WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("live\n")).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/health/ready", ReadyAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(NpgsqlDataSource database, SingleNode node, ShardRevival shards, LedgerSettings settings, CancellationToken cancellation)
    {
        try
        {
            var readiness = settings.Nodes == NodesMode.Single && !node.Held
                ? new Readiness("unready", 0, new Dictionary<string, long>(), ["The database was away and is not taken again yet."])
                : await LookAsync(database, await shards.PausedAsync(), cancellation);
            return Results.Json(readiness, LedgerJson.Options, statusCode: readiness.Faults.Count == 0 ? 200 : 503);
        }
        catch (NpgsqlException e)
        {
            return Results.Json(new Readiness("unready", 0, new Dictionary<string, long>(), [DatabaseAway.Sentence(e)]), LedgerJson.Options, statusCode: 503);
        }
    }

    /// <summary>What readiness looks at, in the database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="paused">Projections of this service that have stopped, and the whole failure.</param>
    /// <param name="cancellation">Ends the look.</param>
    internal static async Task<Readiness> LookAsync(NpgsqlDataSource database, IReadOnlyDictionary<string, string?> paused, CancellationToken cancellation)
    {
        var faults = paused.Select(p => Stopped(p.Key, p.Value)).ToList();
        var behind = new SortedDictionary<string, long>(StringComparer.Ordinal);
        await using var command = database.CreateCommand(
            $"""
            select coalesce((select max(seq_id) from ledger.mt_events), 0);
            select name, last_seq_id, agent_status, pause_reason from ledger.mt_event_progression where {SqlNames.IsProjection} order by name;
            select tgname from pg_trigger where tgrelid = 'ledger.mt_events'::regclass and not tgisinternal and tgenabled in ('O', 'A');
            select (select count(*) from (select from tlog.pending p cross join unnest(p.seqs) limit 100000) as waiting), (select count(*) from tlog.log where checkpoint_size < size);
            select kind, count(*) from tlog.finding group by kind;
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var head = reader.GetInt64(0);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            behind[reader.GetString(0)] = Math.Max(0, head - reader.GetInt64(1));
            if (!paused.ContainsKey(reader.GetString(0)) && !reader.IsDBNull(2) && reader.GetString(2).Equals("paused", StringComparison.OrdinalIgnoreCase))
            {
                faults.Add(Stopped(reader.GetString(0), reader.IsDBNull(3) ? null : reader.GetString(3)));
            }
        }

        await reader.NextResultAsync(cancellation);
        var triggers = new HashSet<string>();
        while (await reader.ReadAsync(cancellation))
        {
            triggers.Add(reader.GetString(0));
        }

        if (!triggers.Contains("stamp_recorded"))
        {
            faults.Add("The trigger that stamps recorded times is missing or disabled.");
        }

        if (!triggers.Contains("note_appended"))
        {
            faults.Add("The trigger that notes appended events for the log is missing or disabled.");
        }

        if (!triggers.Contains("refuse_erased"))
        {
            faults.Add("The trigger that refuses events about erased learners is missing or disabled.");
        }

        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var (pending, unsigned) = (reader.GetInt64(0), reader.GetInt64(1));
        await reader.NextResultAsync(cancellation);
        var findings = new SortedDictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            findings[reader.GetString(0)] = reader.GetInt64(1);
        }

        return new Readiness(faults.Count == 0 ? "ready" : "unready", head, behind, faults, new LogState(pending, unsigned, findings));
    }

    private static string Stopped(string projection, string? failure) => $"Projection {projection} has stopped: {ShardRevival.Reason(failure)}";
}
