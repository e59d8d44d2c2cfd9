using System.Globalization;
using LearningLedger.Benchmarks.Load;
using Npgsql;

namespace LearningLedger.Benchmarks.Figures;

/// <summary>Batches on a ledger in which many events lie, beside the same on one that has just begun; both in the same cluster, taken in turns.</summary>
/// <remarks>
/// The many come by SQL, with contiguous versions of the same streams, and the projections are told that they have seen them; the log takes them like all
/// others, before anything is measured. What is posted on top is projected and logged like everything.
/// </remarks>
internal sealed class GrowthFigure() : Figure("growth")
{
    private const int PerRequest = 500;

    /// <inheritdoc/>
    public override async Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        if (bench.Size.GrownEvents == 0)
        {
            bench.Say("(in a full run only)");
            return;
        }

        await bench.Service.StopAsync();
        var young = await BeginAsync(bench, "young", cancellation);
        var grown = await BeginAsync(bench, "grown", cancellation);
        await grown.Service.StopAsync();
        await GrowAsync(bench, grown.Database, cancellation);
        await grown.Service.StartAsync(cancellation);
        await LoggedAsync(bench, grown, cancellation);
        foreach (var side in new[] { young, grown })
        {
            // Else the server would do so while we measure, of the many at once. And a service that has just started compiles what it runs.
            await side.SettleAsync(cancellation);
            await RateAsync(bench, side, cancellation);
        }

        var rounds = new List<(double, double)>();
        for (var i = 0; i < bench.Size.Rounds; i++)
        {
            rounds.Add((await RateAsync(bench, grown, cancellation), await RateAsync(bench, young, cancellation)));
        }

        foreach (var side in new[] { young, grown })
        {
            await side.EndAsync(bench);
        }

        await bench.Service.StartAsync(cancellation);
        report.AtLeast(Name, rounds, "events/s", 0.8);
    }

    /// <summary>A service on a database of its own, with as many events as its first day brings.</summary>
    private static async Task<Side> BeginAsync(Bench bench, string name, CancellationToken cancellation)
    {
        var side = await Side.StartAsync(bench, name, cancellation);
        await PostAsync(bench, side, bench.Size.YoungEvents, cancellation);
        return side;
    }

    private static async Task<LoadResult> PostAsync(Bench bench, Side side, int events, CancellationToken cancellation) => await LoadGenerator.StartAsync(
        bench.Spec(PerRequest, 4) with { Url = side.Service.Url, Requests = events / PerRequest }, cancellation);

    private static async Task<double> RateAsync(Bench bench, Side side, CancellationToken cancellation)
    {
        var before = await side.AskAsync<long>("select count(*) from ledger.mt_events where type = 'skill.attempted'", cancellation);
        var seen = await side.AskAsync<long>("select count(*) from analytics.fact_attempt", cancellation);
        var posted = await PostAsync(bench, side, bench.Size.BatchEvents, cancellation);
        await Checks.CaughtUpAsync(side.Database, cancellation);

        // Neither side is measured while the other's log is still being written.
        await LoggedAsync(bench, side, cancellation);
        await side.EqualAsync("attempts stored", "select count(*) from ledger.mt_events where type = 'skill.attempted'", before + posted.Accepted, cancellation);
        await side.EqualAsync("attempts in analytics", "select count(*) from analytics.fact_attempt", seen + posted.Accepted, cancellation);
        await side.EqualAsync(
            "streams whose versions are not 1 to their number",
            "select count(*) from ledger.mt_streams s where s.version <> (select count(*) from ledger.mt_events e where e.tenant_id = s.tenant_id and e.stream_id = s.id)",
            0, cancellation);
        return posted.Rate;
    }

    private static async Task LoggedAsync(Bench bench, Side side, CancellationToken cancellation)
    {
        for (var round = 1; await side.AskAsync<bool>("select exists (select from tlog.pending)", cancellation); round++)
        {
            if (round % 30 == 0)
            {
                bench.Say($"{await side.AskAsync<long>("select coalesce(max(size), 0) from tlog.log", cancellation):#,0} leaves ...");
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        }
    }

    private static async Task GrowAsync(Bench bench, NpgsqlDataSource database, CancellationToken cancellation)
    {
        const int step = 50;
        var each = bench.Size.GrownEvents / bench.Size.Learners;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var columns = new List<string>();
        await using (var names = new NpgsqlCommand("select attname from pg_attribute where attrelid = 'ledger.mt_events'::regclass and attnum > 0 and not attisdropped order by attnum", connection))
        await using (var reader = await names.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                columns.Add(reader.GetString(0));
            }
        }

        // Each stream's last attempt again and again, under new ids.
        var values = columns.Select(c => c switch
        {
            "seq_id" => "nextval('ledger.mt_events_sequence')",
            "id" => "gen_random_uuid()",
            "version" => "e.version + k",
            _ => "e." + c,
        });
        await DoAsync(
            """
            alter table ledger.mt_events enable always trigger note_appended;
            set session_replication_role = replica;
            create temp table last as select distinct on (tenant_id, stream_id) * from ledger.mt_events where type = 'skill.attempted' order by tenant_id, stream_id, version desc;
            """);
        for (var k = 1; k <= each; k += step)
        {
            bench.Say(string.Create(CultureInfo.InvariantCulture, $"{(k - 1) * (long)bench.Size.Learners:#,0} events ..."));
            await DoAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"insert into ledger.mt_events ({string.Join(", ", columns)}) select {string.Join(", ", values)} from generate_series({k}, {Math.Min(each, k + step - 1)}) k, last e order by k, e.stream_id"));
        }

        await DoAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            update ledger.mt_streams s set version = s.version + {each} from last e where e.tenant_id = s.tenant_id and e.stream_id = s.id;
            update ledger.mt_event_progression set last_seq_id = (select max(seq_id) from ledger.mt_events) where name in ('HighWaterMark', 'Analytics:All', 'AwardWatch:All');
            reset session_replication_role;
            alter table ledger.mt_events enable trigger note_appended;
            """));

        async Task DoAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
