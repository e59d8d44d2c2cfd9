using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Awards;
using LearningLedger.Events;
using LearningLedger.Frameworks;
using LearningLedger.Service.Host.Demo;
using LearningLedger.Statistics;
using LearningLedger.Transcripts;

namespace LearningLedger.Service.Tests.Demo;

/// <summary>The API as far as the demo uses it, in memory over the real core: tells a fault of the demo from one of the service.</summary>
internal sealed partial class FakeLedger : HttpMessageHandler
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Lock gate = new();
    private readonly Dictionary<string, (string Name, string? Person)> keys = [];
    private readonly Dictionary<string, Guid> learners = [];
    private readonly Dictionary<Guid, Transcript> transcripts = [];
    private readonly Dictionary<Guid, (Guid Learner, long Version)> events = [];
    private readonly Dictionary<string, HashSet<Guid>> cohorts = [];
    private FrameworkState framework = FrameworkState.None;
    private long sequence;

    public HttpClient Client => new(this, disposeHandler: false) { BaseAddress = new Uri("http://ledger.test") };

    /// <summary>Loses about every n-th attempt though it is acknowledged; 0: none.</summary>
    public int LoseEvery { get; init; }

    /// <summary>Changes the answer to a question about a cohort, named by its path and query.</summary>
    public Action<string, JsonNode>? Spoil { get; set; }

    public int Requests { get; private set; }

    public int LiveKeys => keys.Count - 1;

    public int Reviews => transcripts.Values.Sum(t => t.Evidence.Values.Sum(e => e.Reviews.Count));

    public FakeLedger(string bootstrapKey) => keys[bootstrapKey] = ("bootstrap", null);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : JsonNode.Parse(await request.Content.ReadAsByteArrayAsync(cancellationToken));
        lock (gate)
        {
            Requests++;
            if (Requests % 97 == 0)
            {
                return Json(HttpStatusCode.ServiceUnavailable, new { }, retryAfter: 0);
            }

            var key = request.Headers.Authorization!.Parameter!;
            return keys.TryGetValue(key, out var owner)
                ? Route(request.Method.Method, request.RequestUri!.AbsolutePath.Trim('/').Split('/')[1..], request.RequestUri.Query, body, owner.Person)
                : Json(HttpStatusCode.Unauthorized, new { });
        }
    }

    private HttpResponseMessage Route(string method, string[] path, string query, JsonNode? body, string? person) => (method, path) switch
    {
        ("POST", ["keys"]) => MakeKey(body!),
        ("GET", ["keys"]) => Json(HttpStatusCode.OK, new { keys = keys.Select(k => new { id = k.Key[3..], name = k.Value.Name }) }),
        ("DELETE", ["keys", var id]) => keys.Remove("ll_" + id) ? new(HttpStatusCode.NoContent) : Json(HttpStatusCode.NotFound, new { }),
        ("POST", ["frameworks"]) => Publish(body!),
        ("PUT", ["analytics", "minimum-cell"]) => Json(HttpStatusCode.OK, new { minimum = (int)body!["minimum"]! }),
        ("POST", ["cohorts"]) => Open((string)body!["code"]!),
        ("POST", ["events"]) => Post(body!.AsArray()),
        ("GET", ["learners"]) => Json(HttpStatusCode.OK, new { id = learners[Uri.UnescapeDataString(query.Split("subject=")[1])] }),
        ("GET", ["learners", var id, "transcript"]) => Json(HttpStatusCode.OK, TranscriptDocument.Of(transcripts[Guid.Parse(id)])),
        ("GET", ["learners", var id, "milestones", var code]) => Json(HttpStatusCode.OK, new { eligible = IsEligible(Guid.Parse(id), code) }),
        ("POST", ["learners", var id, "attempts", var attempt, "void"]) => Void(Guid.Parse(id), Guid.Parse(attempt), person),
        ("POST", ["learners", var id, "evidence", var evidence, "reviews"]) => Review(Guid.Parse(id), Guid.Parse(evidence), body!, person),
        ("POST", ["learners", var id, "awards"]) => Award(Guid.Parse(id), (string)body!["milestone"]!, person),
        ("GET", ["cohorts", var code, "analytics", var question]) => Answer(code, question, query),
        _ => Json(HttpStatusCode.NotFound, new { }),
    };

    private HttpResponseMessage Open(string cohort)
    {
        cohorts.TryAdd(cohort, []);
        return Json(HttpStatusCode.Created, new { });
    }

    private object Times(string code, string milestone)
    {
        var days = cohorts[code].Select(m => transcripts[m].Awards.FirstOrDefault(a => a.Milestone == milestone))
            .Select(a => new Duration(a is null ? 10_000 : (a.Grants[0].EffectiveAt - DemoOptions.Start).TotalDays, a is not null)).ToList();
        return new { milestone, learners = days.Count, awarded = days.Count(d => d.Happened), censored = days.Count(d => !d.Happened), medianDays = KaplanMeier.Of(days).Median };
    }

    private HttpResponseMessage MakeKey(JsonNode body)
    {
        var id = Guid.NewGuid().ToString("N");
        keys["ll_" + id] = ((string)body["name"]!, (string?)body["person"]);
        return Json(HttpStatusCode.Created, new { id, key = "ll_" + id });
    }

    private HttpResponseMessage Publish(JsonNode body)
    {
        var result = FrameworkRules.Publish(framework, FrameworkFile.Read(JsonSerializer.SerializeToElement(body)).Definition);
        if (result is PublishResult.Published published)
        {
            framework = FrameworkState.Evolve(framework, published.Event);
        }

        return Json(HttpStatusCode.OK, new { code = "ai-systems-engineer", version = 1 });
    }

    private HttpResponseMessage Post(JsonArray posts)
    {
        var receipts = posts.Select(p =>
        {
            var (id, subject, type) = ((string)p!["id"]!, (string)p["subject"]!, (string)p["type"]!);
            if (!learners.TryGetValue(subject, out var learner))
            {
                learners[subject] = learner = Guid.NewGuid();
                transcripts[learner] = Transcript.Empty(learner);
            }

            var eventId = LedgerIds.Event("demo", (string)p["source"]!, id);
            var isNew = events.TryAdd(eventId, (learner, 0));
            if (isNew && (LoseEvery == 0 || type != "skill.attempted" || events.Count % LoseEvery != 0))
            {
                var occurred = DateTimeOffset.Parse((string)p["time"]!, CultureInfo.InvariantCulture);
                if (type == "cohort.joined")
                {
                    cohorts[(string)p["data"]!["cohort"]!].Add(learner);
                }
                else
                {
                    Append(learner, eventId, Body(type, p["data"]!), occurred, "key:platform", (string)p["source"]!);
                }
            }

            return new { source = (string)p["source"]!, id, eventId, learner, version = 1, status = isNew ? "accepted" : "duplicate" };
        }).ToList();
        var accepted = receipts.Count(r => r.status == "accepted");
        return Json(HttpStatusCode.OK, new { accepted, duplicates = receipts.Count - accepted, receipts });
    }

    private static ILedgerEvent Body(string type, JsonNode data)
    {
        if (type == "evidence.submitted")
        {
            data["location"] = new JsonObject { ["sealed"] = "" };
        }

        return (ILedgerEvent)data.Deserialize(EventCatalog.Find(type)!.Body, LedgerJson.Options)!;
    }

    private HttpResponseMessage Void(Guid learner, Guid attempt, string? person) =>
        Decide(learner, LearningLedger.Attempts.AttemptRules.Void(transcripts[learner], attempt, "misconduct", null, Now), person);

    private HttpResponseMessage Review(Guid learner, Guid evidence, JsonNode body, string? person) => Decide(
        learner,
        LearningLedger.Evidence.EvidenceRules.Review(
            transcripts[learner], evidence, body["decision"].Deserialize<Verdict>(LedgerJson.Options), (string?)body["rubric"], null,
            body["occurredAt"].Deserialize<DateTimeOffset>(LedgerJson.Options), Now),
        person);

    private HttpResponseMessage Award(Guid learner, string code, string? person) => Decide(
        learner, AwardRules.Award("demo", transcripts[learner], Definition, Definition.Milestones.First(m => m.Code == code), "person:" + person, Now), person);

    private HttpResponseMessage Decide(Guid learner, Decision decision, string? person)
    {
        if (decision.Refusal is { } refusal)
        {
            return Json(refusal is Refusal.Conflict ? HttpStatusCode.Conflict : HttpStatusCode.UnprocessableEntity, new { detail = refusal.ToString() });
        }

        AppendAll(learner, decision.Events, "person:" + person);
        AppendAll(learner, AutomaticAwards.Decide("demo", transcripts[learner], [Definition]), AutomaticAwards.Actor);
        return Json(HttpStatusCode.Created, new { });
    }

    private FrameworkDefinition Definition => framework.Latest!.Definition;

    private bool IsEligible(Guid learner, string code) =>
        AwardPolicy.Evaluate(transcripts[learner], Definition, Definition.Milestones.First(m => m.Code == code)) is Eligibility.Eligible;

    private void AppendAll(Guid learner, IEnumerable<DecidedEvent> decided, string actor)
    {
        foreach (var e in decided)
        {
            Append(learner, LedgerIds.Decision("demo", learner, transcripts[learner].Position.Version + 1), e.Data, e.Occurred, actor, null);
        }
    }

    private void Append(Guid learner, Guid eventId, ILedgerEvent body, DateTimeOffset occurred, string actor, string? source) =>
        transcripts[learner] = transcripts[learner].Evolve(new RecordedEvent(
            eventId, EventCatalog.Of(body.GetType()).Name, learner, transcripts[learner].Position.Version + 1, ++sequence, occurred, Now, actor, source, body));

    private object Funnel(string cohort) => new
    {
        cohort,
        sequence,
        computedAt = Now,
        milestones = Definition.Milestones.Select(m => new
        {
            level = m.Level,
            milestone = m.Code,
            members = cohorts[cohort].Count,
            entered = 0,
            inProgress = 0,
            awarded = cohorts[cohort].Count(l => transcripts[l].Awards.Any(a => a.Milestone == m.Code)),
            suspended = 0,
            revoked = 0,
            expired = 0,
        }),
    };

    private object Skills(string cohort) => new
    {
        cohort,
        sequence,
        skills = Definition.Skills.Select(s =>
        {
            var passing = Passing(s.Code);
            var unvoided = cohorts[cohort].Select(l => Tries(l, s.Code)).ToList();
            var attempts = unvoided.Sum(a => a.Count);
            return new
            {
                skill = s.Code,
                attempts,
                learners = unvoided.Count(a => a.Count > 0),
                passRate = attempts == 0 ? (double?)null : Math.Round((double)unvoided.Sum(a => a.Count(x => x.Score >= passing)) / attempts, 4),
            };
        }),
    };

    private static HttpResponseMessage Json(HttpStatusCode status, object body, int? retryAfter = null)
    {
        var answer = new HttpResponseMessage(status) { Content = JsonContent.Create(body, body.GetType(), options: LedgerJson.Options) };
        if (retryAfter is { } seconds)
        {
            answer.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        }

        return answer;
    }
}
