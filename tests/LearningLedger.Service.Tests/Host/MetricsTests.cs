using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LearningLedger.Service.Host;
using LearningLedger.Service.Tests.Analytics;
using LearningLedger.Service.Tests.Fixtures;
using LearningLedger.Service.Tests.Log;

namespace LearningLedger.Service.Tests.Host;

/// <summary>A service whose metrics may be read.</summary>
public sealed class MeasuredLedger() : LedgerFixture(new Dictionary<string, string?> { ["Ledger:Metrics:Prometheus"] = "true" });

/// <summary>What the service tells Prometheus, and whether dashboards and alerts ask for that.</summary>
public sealed partial class MetricsTests(MeasuredLedger fixture) : IClassFixture<MeasuredLedger>
{
    // What Prometheus says itself, of a scrape and of its target.
    private static readonly string[] OfPrometheus = ["up"];
    private static readonly string[] LabelsOfPrometheus = ["job", "instance"];
    private static readonly string[] Words = ["and", "or", "unless", "by", "without", "on", "ignoring", "bool", "offset", "group_left", "group_right"];

    private static string Monitoring => Path.Combine(AppContext.BaseDirectory, "monitoring");

    [Fact]
    public async Task Dashboards_and_alerts_ask_for_metrics_and_labels_the_service_emits_and_leave_none_of_ours_out()
    {
        var emitted = Labels(await ScrapeAsync(await LiveAsync()));

        var asked = Expressions().SelectMany(e => Asked(e.Expression).Select(a => (e.Place, a.Metric, a.Label))).ToList();

        Assert.True(asked.Count > 50, "The expressions were not found.");
        Assert.Empty(asked.Where(a => !OfPrometheus.Contains(a.Metric) && !emitted.ContainsKey(a.Metric)).Select(a => $"{a.Place} asks for {a.Metric}"));
        Assert.Empty(asked.Where(a => a.Label is not null && !LabelsOfPrometheus.Contains(a.Label) && emitted.TryGetValue(a.Metric, out var labels) && !labels.Contains(a.Label))
            .Select(a => $"{a.Place} asks {a.Metric} for its {a.Label}"));
        var shown = asked.Select(a => Family(a.Metric)).ToHashSet();
        Assert.Equal([], emitted.Keys.Where(m => m.StartsWith("ledger_", StringComparison.Ordinal)).Select(Family).Distinct().Except(shown));
    }

    [Fact]
    public async Task Only_projections_are_said_to_lie_behind()
    {
        // As Marten notes for itself a number it waited for and that never came.
        await fixture.DoAsync("insert into ledger.mt_event_progression (name, last_seq_id) values ('NumberThatNeverCame', 0)");
        using var anybody = fixture.Client(null);

        var ready = await anybody.GetFromJsonAsync<JsonObject>("/health/ready");

        var behind = ready!["projections"]!.AsObject().Select(p => p.Key).ToList();
        Assert.Contains("Analytics:All", behind);
        Assert.All(behind, name => Assert.Contains(':', name));
    }

    [Fact]
    public async Task No_metric_tells_of_a_tenant_a_learner_or_a_key()
    {
        var room = await LiveAsync();

        var lines = await ScrapeAsync(room);

        string[] known = ["type", "by", "problem", "queue", "question", "kept", "projection", "le", "otel_scope_name", "otel_scope_version"];
        Assert.Empty(Labels(lines).Where(m => m.Key.StartsWith("ledger_", StringComparison.Ordinal)).SelectMany(m => m.Value).Except(known));

        // What names the process itself is random.
        var values = lines.Where(l => !l.StartsWith("target_info{", StringComparison.Ordinal)).SelectMany(l => LabelPattern().Matches(l)).Select(m => m.Groups["value"].Value).ToHashSet();
        Assert.NotEmpty(values);
        Assert.DoesNotContain(room.Tenant.Name, values);
        Assert.DoesNotContain(values, v => Guid.TryParse(v, out _) || v.StartsWith("key:", StringComparison.Ordinal) || v.StartsWith("person:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Counts_what_happens_by_its_type_and_by_whom()
    {
        var room = await LiveAsync();
        var lines = await ScrapeAsync(room);

        foreach (var (type, by) in new[] { ("skill.attempted", "caller"), ("learner.registered", "caller"), ("evidence.reviewed", "caller"), ("statement.stored", "caller"), ("cohort.opened", "caller"), ("milestone.awarded", "policy"), ("milestone.awarded", "caller") })
        {
            Assert.Contains(lines, l => l.StartsWith("ledger_events_recorded_total{", StringComparison.Ordinal) && l.Contains($"type=\"{type}\"") && l.Contains($"by=\"{by}\""));
        }

        Assert.Contains(lines, l => l.StartsWith("ledger_requests_refused_total{", StringComparison.Ordinal) && l.Contains("problem=\"content-conflict\""));
        Assert.Contains(lines, l => l.StartsWith("ledger_ready", StringComparison.Ordinal) && l.EndsWith(" 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_take_a_key_of_the_operators_tenant_with_their_scope()
    {
        var tenant = await fixture.TenantAsync(withFramework: false);
        using var nobody = fixture.Client(null);
        using var analyst = await tenant.ClientAsync(Scopes.AnalyticsRead);
        using var stranger = await tenant.ClientAsync(Scopes.MetricsRead);

        using var without = await nobody.GetAsync("/metrics");
        using var other = await analyst.GetAsync("/metrics");
        using var others = await stranger.GetAsync("/metrics");

        await without.ShouldBeAsync(HttpStatusCode.Unauthorized);
        await other.ShouldBeAsync(HttpStatusCode.Forbidden);
        await others.ShouldBeAsync(HttpStatusCode.Forbidden);
        Assert.Equal(Problems.TypeOf("operator-only"), (string)(await others.JsonAsync())["type"]!);
    }

    /// <summary>A tenant in which everything happens that is counted.</summary>
    private async Task<Classroom> LiveAsync()
    {
        var room = await Classroom.OpenAsync(fixture);
        using var client = await room.Tenant.ClientAsync([.. Scopes.All]);
        await client.OpenCohortAsync("spring");
        await room.WithPeakAsync("ann");
        await Tenant.PostAsync(client, Analytics.Cohorts.Joined("j", "ann", "spring"), Tenant.Attempt("again", "ann", "alpha", 0.9));
        await Tenant.PostAsync(client, Tenant.Attempt("again", "ann", "alpha", 0.9));
        using var conflict = await client.PostAsync("/v1/events", LedgerFixture.Json($"[{Tenant.Attempt("again", "ann", "alpha", 0.1)}]", "application/cloudevents-batch+json"));
        await conflict.ShouldBeAsync(HttpStatusCode.Conflict);
        using var statement = new HttpRequestMessage(HttpMethod.Post, "/xapi/statements")
        {
            Content = LedgerFixture.Json($$$"""{"actor":{"account":{"homePage":"{{{Tenant.Source}}}","name":"ann"}},"verb":{"id":"http://adlnet.gov/expapi/verbs/completed"},"object":{"id":"https://lms.example/activities/7"}}"""),
            Headers = { { "X-Experience-API-Version", "2.0.0" } },
        };
        using var stored = await client.SendAsync(statement);
        await stored.ShouldBeAsync(HttpStatusCode.OK);
        using var answered = await client.GetAsync("/v1/cohorts/spring/analytics/funnel");
        await answered.ShouldBeAsync(HttpStatusCode.OK);
        return room;
    }

    /// <summary>The samples, once the figures that are looked at every few seconds are there.</summary>
    private async Task<IReadOnlyList<string>> ScrapeAsync(Classroom room)
    {
        using var prometheus = fixture.Client(fixture.Bootstrap.ToString());
        var text = "";
        await Expectations.EventuallyAsync(
            async () => (text = await prometheus.GetStringAsync("/metrics")).Contains("ledger_projection_lag_seconds{", StringComparison.Ordinal)
                && text.Contains("ledger_projection_behind", StringComparison.Ordinal) && text.Contains("ledger_ready", StringComparison.Ordinal),
            $"the state of the database beside the events of {room.Tenant.Name}");
        return [.. text.Split('\n').Where(l => l.Length > 0 && l[0] != '#')];
    }

    /// <summary>Every metric emitted, and the labels it has.</summary>
    private static Dictionary<string, HashSet<string>> Labels(IEnumerable<string> samples) =>
        samples.GroupBy(s => s[..s.IndexOfAny(['{', ' '])]).ToDictionary(g => g.Key, g => g.SelectMany(s => LabelPattern().Matches(s)).Select(m => m.Groups["label"].Value).ToHashSet());

    private static string Family(string metric) => FamilyPattern().Replace(metric, "");

    private static IEnumerable<(string Place, string Expression)> Expressions()
    {
        foreach (var file in Directory.GetFiles(Monitoring, "*.json"))
        {
            foreach (var panel in JsonNode.Parse(File.ReadAllText(file))!["panels"]!.AsArray())
            {
                foreach (var target in panel!["targets"]?.AsArray() ?? [])
                {
                    yield return ($"{Path.GetFileName(file)}, {panel["title"]}", (string)target!["expr"]!);
                }
            }
        }

        foreach (Match rule in RulePattern().Matches(File.ReadAllText(Path.Combine(Monitoring, "alerts.yml"))))
        {
            yield return ($"alert {rule.Groups["name"].Value}", rule.Groups["expression"].Value);
        }
    }

    /// <summary>The metrics a PromQL expression names, each once by itself and once with every label it is asked for.</summary>
    private static IEnumerable<(string Metric, string? Label)> Asked(string expression)
    {
        var plain = TextPattern().Replace(expression, "\"\"");
        var grouped = GroupingPattern().Matches(plain).SelectMany(g => NamePattern().Matches(g.Groups["labels"].Value)).Select(m => m.Value).ToList();
        foreach (Match metric in MetricPattern().Matches(RangePattern().Replace(GroupingPattern().Replace(plain, " "), " ")))
        {
            var name = metric.Groups["metric"].Value;
            if (Words.Contains(name))
            {
                continue;
            }

            yield return (name, null);
            foreach (var label in MatcherPattern().Matches(metric.Groups["matchers"].Value).Select(m => m.Groups["label"].Value).Concat(grouped))
            {
                yield return (name, label);
            }
        }
    }

    [GeneratedRegex("""(?<label>[a-zA-Z_]\w*)="(?<value>(\\.|[^"\\])*)"[,}]""")]
    private static partial Regex LabelPattern();

    [GeneratedRegex("_(bucket|sum|count|total)$")]
    private static partial Regex FamilyPattern();

    [GeneratedRegex(@"- alert: (?<name>\w+)\s+expr: (?<expression>.+)")]
    private static partial Regex RulePattern();

    [GeneratedRegex("\"(\\\\.|[^\"\\\\])*\"")]
    private static partial Regex TextPattern();

    [GeneratedRegex(@"\b(by|without|on|ignoring)\s*\((?<labels>[^)]*)\)")]
    private static partial Regex GroupingPattern();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex RangePattern();

    [GeneratedRegex(@"[a-zA-Z_]\w*")]
    private static partial Regex NamePattern();

    // A name that is followed by a parenthesis is a function's.
    [GeneratedRegex(@"(?<![\w:.$""])(?<metric>[a-zA-Z_:][\w:]*)(?![\w:]|\s*\()(\{(?<matchers>[^}]*)\})?")]
    private static partial Regex MetricPattern();

    [GeneratedRegex(@"(?<label>[a-zA-Z_]\w*)\s*(=~|!~|!=|=)")]
    private static partial Regex MatcherPattern();
}
