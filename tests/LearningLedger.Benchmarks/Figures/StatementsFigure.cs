using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LearningLedger.Benchmarks.Load;

namespace LearningLedger.Benchmarks.Figures;

/// <summary>
/// xAPI statements: batches of 50 over 8 connections beside raw COPY of the same rows; single ones over 64 connections beside one Marten session and save for
/// each; a page of an agent's statements where many are stored, beside the same where a tenth is.
/// </summary>
/// <remarks>One statement in four gives an attempt by a mapping, in the same commit. Those rows count, on both sides.</remarks>
internal sealed class StatementsFigure() : Figure("statements")
{
    private const int PerBatch = 50;
    private const int BatchConnections = 8;
    private const int SingleConnections = 64;

    /// <summary>Statements of a page, if an agent has as many.</summary>
    private const int PerPage = 100;

    /// <summary>Agents that are asked for.</summary>
    private const int Agents = 200;

    /// <summary>A store, and what was posted to it.</summary>
    private sealed class Room(Bench bench, Side side, int learners)
    {
        private long statements;
        private long passed;

        // Statements of the learner who has the fewest, at least.
        private long each;

        public Side Side { get; } = side;

        /// <summary>Starts it: its learners are registered by a first statement each.</summary>
        public static async Task<Room> OpenAsync(Bench bench, string name, int learners, CancellationToken cancellation)
        {
            var room = new Room(bench, await Side.StartAsync(bench, name, cancellation), learners);
            using var client = room.Client();
            using var body = new StringContent(Statements.Mapping, Encoding.UTF8, "application/json");
            using var published = await client.PostAsync("/v1/frameworks/ai-systems-engineer/mapping", body, cancellation);
            published.EnsureSuccessStatusCode();
            await room.PostAsync(learners, cancellation);
            return room;
        }

        public HttpClient Client()
        {
            var client = new HttpClient { BaseAddress = Side.Service.Url };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ServiceUnderTest.Key);
            client.DefaultRequestHeaders.Add("X-Experience-API-Version", "2.0.0");
            return client;
        }

        public LoadSpec Spec(int perRequest, int connections) =>
            bench.Spec(perRequest, connections) with { Url = Side.Service.Url, Learners = learners, Statements = true };

        /// <summary>Posts so many in batches.</summary>
        /// <returns>What it took, and how many events it gave.</returns>
        public Task<(LoadResult Result, long Events)> PostAsync(int count, CancellationToken cancellation) =>
            LoadAsync(Spec(PerBatch, BatchConnections) with { Requests = count / PerBatch }, cancellation);

        public async Task<(LoadResult Result, long Events)> LoadAsync(LoadSpec spec, CancellationToken cancellation)
        {
            var result = await LoadGenerator.StartAsync(spec, cancellation);
            var attempts = Statements.Passed(result.Accepted, learners);
            statements += result.Accepted;
            each += result.Accepted / learners;
            passed += attempts;
            return (result, result.Accepted + attempts);
        }

        /// <summary>Posts until every learner has so many.</summary>
        public async Task FillAsync(int perLearner, CancellationToken cancellation)
        {
            while (each < perLearner)
            {
                await PostAsync((int)Math.Min(perLearner - each, Math.Max(1, 100_000 / learners)) * learners, cancellation);
                await Checks.CaughtUpAsync(Side.Database, cancellation);
            }
        }

        /// <summary>Posted = stored = found by the index = projected, and no version is missing.</summary>
        public async Task CheckAsync(CancellationToken cancellation)
        {
            await Checks.CaughtUpAsync(Side.Database, cancellation);
            await Side.EqualAsync("statements stored", "select count(distinct id) from ledger.mt_events where type = 'statement.stored'", statements, cancellation);
            await Side.EqualAsync(
                "statements in the index whose event is stored", "select count(*) from xapi.statement s join ledger.mt_events e on e.id = s.event_id and e.stream_id = s.stream",
                statements, cancellation);
            await Side.EqualAsync("statements found by their verb or agent", "select count(distinct id) from xapi.mention", statements, cancellation);
            await Side.EqualAsync("attempts given", "select count(*) from ledger.mt_events where type = 'skill.attempted'", passed, cancellation);
            await Side.EqualAsync("attempts in analytics", "select count(*) from analytics.fact_attempt", passed, cancellation);
            await Side.EqualAsync("streams whose versions are not 1 to their number", Checks.Broken, 0, cancellation);
        }
    }

    /// <inheritdoc/>
    public override async Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        await bench.Service.StopAsync();
        var many = await Room.OpenAsync(bench, "statements", bench.Size.Learners, cancellation);
        await BatchesAsync(bench, report, many, cancellation);
        await SinglesAsync(bench, report, many, cancellation);
        var perLearner = bench.Size.StoredStatements / bench.Size.Learners;
        await many.FillAsync(perLearner, cancellation);
        await many.CheckAsync(cancellation);
        var few = await Room.OpenAsync(bench, "few_statements", bench.Size.Learners / 10, cancellation);
        await few.FillAsync(perLearner, cancellation);
        await few.CheckAsync(cancellation);
        await PagesAsync(bench, report, many, few, Math.Min(PerPage, perLearner), cancellation);
        await many.Side.EndAsync(bench);
        await few.Side.EndAsync(bench);
        await bench.Service.StartAsync(cancellation);
    }

    private static async Task BatchesAsync(Bench bench, Report report, Room room, CancellationToken cancellation)
    {
        await RawCopy.PrepareAsync(room.Side.Database, cancellation);
        var rounds = new List<(double, double)>();
        for (var i = 0; i < bench.Size.Rounds; i++)
        {
            await room.CheckAsync(cancellation);
            var before = await room.Side.AskAsync<long>("select max(seq_id) from ledger.mt_events", cancellation);
            var (ours, events) = await room.PostAsync(bench.Size.BatchStatements, cancellation);
            await room.CheckAsync(cancellation);
            rounds.Add((events / ours.Seconds, await RawCopy.CopyAsync(room.Side.Database, bench.File("rows"), before, events, cancellation)));
        }

        await RawCopy.EndAsync(room.Side.Database, cancellation);
        report.AtLeast("statements (batches)", rounds, "events/s", 0.25);
    }

    private static async Task SinglesAsync(Bench bench, Report report, Room room, CancellationToken cancellation)
    {
        var database = await bench.OtherDatabaseAsync("documented_statements", cancellation);
        await MartenServer.PrepareAsync(database, bench.Size.Learners, cancellation);
        var url = new Uri($"http://127.0.0.1:{Ports.Free()}");
        await using var marten = ChildProcess.Start(typeof(StatementsFigure).Assembly.Location, ["marten-server", database, url.OriginalString], ("DOTNET_ENVIRONMENT", "Production"));
        await marten.AnswersAsync(url, cancellation);
        await room.LoadAsync(room.Spec(1, SingleConnections) with { Seconds = 1 }, cancellation);
        await LoadGenerator.StartAsync(room.Spec(1, SingleConnections) with { Url = url, Seconds = 1 }, cancellation);
        var rounds = new List<(double, double)>();
        for (var i = 0; i < bench.Size.Rounds; i++)
        {
            var (ours, _) = await room.LoadAsync(room.Spec(1, SingleConnections) with { Seconds = bench.Size.Seconds }, cancellation);
            await room.CheckAsync(cancellation);
            var theirs = await LoadGenerator.StartAsync(room.Spec(1, SingleConnections) with { Url = url, Seconds = bench.Size.Seconds }, cancellation);
            rounds.Add((ours.Rate, theirs.Rate));
        }

        report.AtLeast("statements (single)", rounds, "statements/s", 6);
    }

    private static async Task PagesAsync(Bench bench, Report report, Room many, Room few, int page, CancellationToken cancellation)
    {
        var (ofMany, ofFew) = (await AgentsAsync(many, bench.Size.Learners, page, cancellation), await AgentsAsync(few, bench.Size.Learners / 10, page, cancellation));
        var rounds = new List<(double, double)>();
        for (var i = 0; i <= bench.Size.Rounds; i++)
        {
            var round = (await ReadAsync(many, ofMany), await ReadAsync(few, ofFew));
            if (i > 0)
            {
                rounds.Add(round);
            }
        }

        report.AtMost("statements of an agent (p95)", [.. rounds.Select(r => r.Item1)], "ms", 20);
        report.AtMost("statements of an agent, many to few (p95)", rounds, "ms", 1.5);

        async Task<double> ReadAsync(Room room, string[] paths) =>
            (await LoadGenerator.StartAsync(room.Spec(1, 1) with { Requests = bench.Size.Reads, Read = paths }, cancellation)).P95Ms;
    }

    /// <summary>Addresses of pages, each of which is full.</summary>
    private static async Task<string[]> AgentsAsync(Room room, int learners, int page, CancellationToken cancellation)
    {
        var paths = Enumerable.Range(0, Math.Min(Agents, learners)).Select(i => $"/xapi/statements?limit={page}&agent={Statements.Agent((int)(i * 7919L % learners))}").ToArray();
        using var client = room.Client();
        foreach (var path in paths)
        {
            using var answer = JsonDocument.Parse(await client.GetStringAsync(path, cancellation));
            var found = answer.RootElement.GetProperty("statements").GetArrayLength();
            if (found != page)
            {
                throw new CheckFailedException($"an agent's page has {found} statements, {page} are stored at least");
            }
        }

        return paths;
    }
}
