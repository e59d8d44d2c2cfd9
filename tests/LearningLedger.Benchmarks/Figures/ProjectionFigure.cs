using System.Diagnostics;

namespace LearningLedger.Benchmarks.Figures;

/// <summary>All projections from zero over the whole ledger, beside our rate of batches; what they make is what was there before.</summary>
internal sealed class ProjectionFigure() : Figure("projection")
{
    private const string Rows = "select coalesce(md5(string_agg(md5(f::text), '' order by f.sequence)), '') from analytics.fact_attempt f";

    /// <inheritdoc/>
    public override async Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        while (bench.Posted < bench.Size.ProjectedEvents)
        {
            var more = (int)Math.Min(100_000, bench.Size.ProjectedEvents - bench.Posted);
            var posted = await bench.PostAsync(Math.Max(500, more), perRequest: 500, connections: 4, cancellation);
            report.BatchRate ??= posted.Rate;
            await Checks.CaughtUpAsync(bench, cancellation);
        }

        await Checks.AllAsync(bench, cancellation);
        var live = await bench.AskAsync<string>(Rows, cancellation);
        var (all, analytics) = (new List<(double, double)>(), new List<(double, double)>());
        for (var i = 0; i < bench.Size.Rounds; i++)
        {
            var (slowest, rebuilt) = await FromZeroAsync(bench, cancellation);
            await Checks.AllAsync(bench, cancellation);
            if (await bench.AskAsync<string>(Rows, cancellation) != live)
            {
                throw new CheckFailedException("the rows after a rebuild are not those of before");
            }

            all.Add((slowest, report.BatchRate ?? 0));
            analytics.Add((rebuilt, report.CopyRate ?? 0));
        }

        report.AtLeast(Name, all, "events/s", 1.5);
        if (report.CopyRate is not null)
        {
            report.AtLeast("rebuild", analytics, "events/s", 0.5);
        }
    }

    /// <summary>Events a second: of the slowest projection, and of analytics.</summary>
    private static async Task<(double All, double Analytics)> FromZeroAsync(Bench bench, CancellationToken cancellation)
    {
        await bench.Service.StopAsync();
        await bench.DoAsync(
            """
            do $$ declare t text; begin
              for t in select c.table_name from information_schema.columns c join pg_tables p on p.schemaname = c.table_schema and p.tablename = c.table_name
                where c.table_schema = 'analytics' and c.column_name = 'event_id' loop
                execute format('truncate analytics.%I cascade', t);
              end loop;
            end $$;
            delete from ledger.mt_event_progression where name in ('Analytics:All', 'AwardWatch:All');
            """,
            cancellation);
        var last = await bench.AskAsync<long>("select max(seq_id) from ledger.mt_events", cancellation);

        // The start of the process is not counted: time runs from the first page seen to be done, and that page does not count either.
        var watching = WatchAsync(bench, last, cancellation);
        await bench.Service.StartAsync(cancellation);
        return await watching;
    }

    private static async Task<(double All, double Analytics)> WatchAsync(Bench bench, long last, CancellationToken cancellation)
    {
        long began = 0, first = 0;
        double? analytics = null, awards = null;
        while (analytics is null || awards is null)
        {
            var at = await bench.AskAsync<long[]>(
                """
                select array[coalesce(max(last_seq_id) filter (where name = 'Analytics:All'), 0), coalesce(max(last_seq_id) filter (where name = 'AwardWatch:All'), 0)]
                from ledger.mt_event_progression
                """,
                cancellation);
            if (began == 0 && at.Max() > 0)
            {
                (began, first) = (Stopwatch.GetTimestamp(), at.Max());
            }

            analytics ??= Rate(at[0]);
            awards ??= Rate(at[1]);
            await Task.Delay(10, cancellation);
        }

        return (Math.Min(analytics.Value, awards.Value), analytics.Value);

        // A ledger so small that one page holds it has no rate; the time is then that of one look.
        double? Rate(long reached) => reached < last ? null : Math.Max(1, last - first) / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
