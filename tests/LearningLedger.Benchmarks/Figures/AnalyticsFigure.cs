using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LearningLedger.Benchmarks.Load;

namespace LearningLedger.Benchmarks.Figures;

/// <summary>Answers about cohorts: how long each takes, kept or worked out anew; the same cohort in a ledger with ten times as many events; the page; the export.</summary>
/// <remarks>
/// Answers worked out anew are as of points nobody has asked for, which costs what a current one costs after something has happened in the cohort: where
/// members stand is kept for those who rest, as soon as a first question was asked, and all else is read again. The filling takes most of the time;
/// it is two ledgers of the same 10,000 learners, one event of each request for another of them, then memberships and evidence of all, and verdicts in four cohorts.
/// The cohort that is held against itself has the same facts in both ledgers; the one whose times count is one of those that have grown.
/// </remarks>
internal sealed partial class AnalyticsFigure() : Figure("analytics")
{
    private const int Cohorts = 20;

    /// <summary>How many skills are tried; a prime, so that every learner comes to all of them.</summary>
    private const int Skills = 47;

    private const int PerRequest = 500;

    /// <summary>Reviews under way at once: each is a decision of its own, with a commit of its own.</summary>
    private const int Reviewers = 8;

    /// <summary>So many of the last cohorts get no more than the ledger with few events has.</summary>
    private const int Unchanged = 2;

    private static readonly (string Cohort, string Other) Same = ("cohort-19", "cohort-18");

    private static readonly (string Cohort, string Other) Grown = ("cohort-0", "cohort-1");

    private const string Framework = "ai-systems-engineer";

    private static readonly string[] Questions =
    [
        "funnel", "time-to-milestone?milestone=computer-infra-foundations", "skills", "mastery", "assessors", "trends", "stuck", "compare", "expiring",
    ];

    /// <inheritdoc/>
    public override async Task TakeAsync(Bench bench, Report report, CancellationToken cancellation)
    {
        await bench.Service.StopAsync();
        var few = await FillAsync(bench, "few", bench.Size.CohortEvents, cancellation);
        var many = await FillAsync(bench, "many", bench.Size.MoreCohortEvents, cancellation);
        await WarmAsync(bench, few, [Same], cancellation);
        await WarmAsync(bench, many, [Grown, Same], cancellation);
        foreach (var question in Questions)
        {
            var rounds = new List<double>();
            for (var i = 0; i < bench.Size.Rounds; i++)
            {
                rounds.Add((await AnewAsync(bench, many, Grown, question, i, cancellation)).P95Ms);
            }

            report.AtMost($"{Name}: {Regex.Match(question, "^[a-z-]+").Value}, worked out (p95)", rounds, "ms", 100);
        }

        var (kept, growth, pages) = (new List<double>(), new List<(double, double)>(), new List<double>());
        var cookie = await SignInAsync(many, cancellation);
        for (var i = 0; i < bench.Size.Rounds; i++)
        {
            var (slowest, ours, reference) = (0.0, 0.0, 0.0);
            foreach (var question in Questions)
            {
                slowest = Math.Max(slowest, (await ReadAsync(bench, many, [Path(Grown, question)], cancellation)).P95Ms);
                ours += (await AnewAsync(bench, many, Same, question, i, cancellation)).MedianMs;
                reference += (await AnewAsync(bench, few, Same, question, i, cancellation)).MedianMs;
            }

            kept.Add(slowest);
            growth.Add((ours, reference));
            pages.Add((await ReadAsync(bench, many, ["/cohorts/" + Grown.Cohort], cancellation, cookie)).P95Ms);
        }

        report.AtMost($"{Name}: kept (p95 of the slowest)", kept, "ms", 100);
        report.AtMost($"{Name}: the same cohort, all questions (median)", growth, "ms", 1.5);
        report.AtMost($"{Name}: page of the cohort (p95)", pages, "ms", 300);
        foreach (var format in (string[])["csv", "parquet"])
        {
            report.AtMost($"{Name}: export, {format}, memory", [await ExportAsync(bench, many, format, cancellation)], "MB", 100);
        }

        await few.EndAsync(bench);
        await many.EndAsync(bench);
        await bench.Service.StartAsync(cancellation);
    }

    /// <summary>Cohorts of equal size, everybody's attempts, evidence, and verdicts in the cohorts that are asked about.</summary>
    private static async Task<Side> FillAsync(Bench bench, string name, int attempts, CancellationToken cancellation)
    {
        bench.Say(string.Create(CultureInfo.InvariantCulture, $"{attempts:#,0} events in {Cohorts} cohorts ..."));
        var (side, learners) = (await Side.StartAsync(bench, name, cancellation), bench.Size.Learners);
        using var client = new HttpClient { BaseAddress = side.Service.Url };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ServiceUnderTest.Key);
        var framework = JsonNode.Parse(await client.GetStringAsync("/v1/frameworks/" + Framework, cancellation))!;
        for (var i = 0; i < Cohorts; i++)
        {
            await PostAsync(client, "/v1/cohorts", "application/json", JsonSerializer.Serialize(new { code = $"cohort-{i}", name = $"Cohort {i}", framework = Framework }), cancellation);
        }

        var spec = bench.Spec(PerRequest, 4) with { Url = side.Service.Url, Skills = [.. framework["skills"]!.AsArray().Take(Skills).Select(s => (string)s!["code"]!)] };
        await LoadGenerator.StartAsync(spec with { Requests = bench.Size.CohortEvents / PerRequest }, cancellation);
        if (attempts > bench.Size.CohortEvents)
        {
            await LoadGenerator.StartAsync(
                spec with { Requests = (attempts - bench.Size.CohortEvents) / PerRequest, Learners = learners - (Unchanged * learners / Cohorts), Prefix = Guid.NewGuid().ToString("N") }, cancellation);
        }

        foreach (var part in Enumerable.Range(0, learners).Chunk(PerRequest))
        {
            await EventsAsync(client, part.Select(n => Event($"join-{n}", n, "cohort.joined", "2026-03-01T00:00:00Z", new { cohort = $"cohort-{n / (learners / Cohorts)}" })), cancellation);
            var receipts = await EventsAsync(
                client,
                part.Select(n => Event($"evidence-{n}", n, "evidence.submitted", "2026-03-20T10:00:00Z", new
                {
                    evidence = EvidenceOf(n),
                    skills = new[] { spec.Skills![n % Skills] },
                    mediaType = "application/pdf",
                    size = 1,
                    sha256 = new string('a', 64),
                    location = "https://platform.example/files/1",
                })),
                cancellation);
            var judged = part.Zip(receipts["receipts"]!.AsArray(), (n, receipt) => (Learner: n, Id: (string)receipt!["learner"]!))
                .Where(p => (p.Learner / (learners / Cohorts)) is 0 or 1 or >= Cohorts - Unchanged);
            await Parallel.ForEachAsync(judged, new ParallelOptions { MaxDegreeOfParallelism = Reviewers, CancellationToken = cancellation }, async (one, token) => await PostAsync(
                client, $"/v1/learners/{one.Id}/evidence/{EvidenceOf(one.Learner)}/reviews", "application/json", $$"""{"decision":"{{(one.Learner % 4 == 0 ? "rejected" : "accepted")}}"}""", token));
        }

        await Checks.CaughtUpAsync(side.Database, cancellation);
        await side.EqualAsync("attempts in analytics", "select count(*) from analytics.fact_attempt", attempts / PerRequest * PerRequest, cancellation);
        await side.EqualAsync("members", "select count(*) from analytics.fact_membership", learners, cancellation);
        return side;
    }

    /// <summary>Asks everything until where the members stand is kept; then the database settles.</summary>
    private static async Task WarmAsync(Bench bench, Side side, (string Cohort, string Other)[] cohorts, CancellationToken cancellation)
    {
        foreach (var cohort in cohorts)
        {
            var (round, kept) = (bench.Size.Rounds, 0L);
            for (; kept < 2 * bench.Size.Learners / Cohorts; round++)
            {
                foreach (var question in Questions)
                {
                    await AnewAsync(bench, side, cohort, question, round, cancellation);
                }

                kept = await side.AskAsync<long>(
                    $"select count(*) from analytics.kept_standing k join analytics.fact_membership m on m.learner = k.learner where m.cohort in ('{cohort.Cohort}', '{cohort.Other}')",
                    cancellation);
            }
        }

        await side.SettleAsync(cancellation);
    }

    /// <summary>Answers as of points that were never asked for: the last ones of the ledger, others in each round and for each cohort.</summary>
    private static async Task<LoadResult> AnewAsync(Bench bench, Side side, (string Cohort, string Other) cohort, string question, int round, CancellationToken cancellation)
    {
        var head = await side.AskAsync<long>("select max(seq_id) from ledger.mt_events", cancellation);
        var paths = Enumerable.Range(0, bench.Size.Answers).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"{Path(cohort, question)}asOf=seq:{head - i - (round * bench.Size.Answers)}"));
        return await ReadAsync(bench, side, [.. paths], cancellation);
    }

    private static async Task<LoadResult> ReadAsync(Bench bench, Side side, IReadOnlyList<string> paths, CancellationToken cancellation, string? cookie = null)
    {
        var spec = bench.Spec(1, 1) with { Url = side.Service.Url, Requests = bench.Size.Answers, Read = paths, Cookie = cookie };
        if (paths.Count == 1)
        {
            await LoadGenerator.StartAsync(spec with { Requests = 2 }, cancellation);
        }

        return await LoadGenerator.StartAsync(spec, cancellation);
    }

    /// <summary>The most memory the service came to hold beyond what it held before; reads and throws away.</summary>
    private static async Task<double> ExportAsync(Bench bench, Side side, string format, CancellationToken cancellation)
    {
        await side.Service.StopAsync();
        bench.Service.Include(side.Service);
        await side.Service.StartAsync(cancellation);
        await Checks.CaughtUpAsync(side.Database, cancellation);
        using var client = new HttpClient { BaseAddress = side.Service.Url, Timeout = TimeSpan.FromMinutes(5) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ServiceUnderTest.Key);
        var before = side.Service.Megabytes;
        using var answer = await client.GetAsync($"/v1/analytics/exports/fact_attempt?format={format}", HttpCompletionOption.ResponseHeadersRead, cancellation);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        await body.CopyToAsync(Stream.Null, cancellation);
        return side.Service.PeakNow - before;
    }

    private static async Task<string> SignInAsync(Side side, CancellationToken cancellation)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = side.Service.Url };
        var form = await client.GetStringAsync("/sign-in", cancellation);
        using var answer = await client.PostAsync(
            "/sign-in",
            new FormUrlEncodedContent([new("_handler", "sign-in"), new("__RequestVerificationToken", Token().Match(form).Groups[1].Value), new("Key", ServiceUnderTest.Key)]), cancellation);
        return handler.CookieContainer.GetCookieHeader(side.Service.Url);
    }

    /// <summary>The address of a question, to which more may be added.</summary>
    private static string Path((string Cohort, string Other) cohort, string question) =>
        $"/v1/cohorts/{cohort.Cohort}/analytics/{question}{(question.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{(question == "compare" ? $"with={cohort.Other}&" : "")}";

    private static string EvidenceOf(int learner) => new Guid(learner, 7, 7, 1, 2, 3, 4, 5, 6, 7, 8).ToString("D");

    private static object Event(string id, int learner, string type, string time, object data) => new
    {
        specversion = "1.0",
        id,
        source = "https://platform.example/courses/engineering",
        subject = Requests.Subject(learner),
        type,
        time,
        data,
    };

    private static Task<JsonNode> EventsAsync(HttpClient client, IEnumerable<object> events, CancellationToken cancellation) =>
        PostAsync(client, "/v1/events", "application/cloudevents-batch+json", JsonSerializer.Serialize(events), cancellation);

    private static async Task<JsonNode> PostAsync(HttpClient client, string path, string type, string body, CancellationToken cancellation)
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await client.PostAsync(path, content, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new CheckFailedException($"{path} answered {(int)answer.StatusCode}: {text[..Math.Min(500, text.Length)]}");
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
