using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LearningLedger.Service.Host;

namespace LearningLedger.Service.Tests.Fixtures;

/// <summary>A tenant with everybody in it: a platform that posts, an assessor who reviews, a board that awards, an auditor who reads.</summary>
internal sealed class Classroom : IDisposable
{
    /// <summary>As <see cref="LedgerFixture.SmallFramework"/>, but the second level is automatic too and asks for no evidence.</summary>
    internal static readonly string Ladder = Change(
        LedgerFixture.SmallFramework, "ladder",
        peak => { peak["decision"] = "automatic"; peak["evidence"]!["minimum"] = 0; peak["evidence"]!["distinctAssessors"] = 0; });

    private int _events;

    private Classroom(Tenant tenant) => Tenant = tenant;

    internal Tenant Tenant { get; }

    internal required HttpClient Platform { get; init; }

    internal required HttpClient Assessor { get; init; }

    internal required HttpClient Board { get; init; }

    internal required HttpClient Auditor { get; init; }

    internal required HttpClient Admin { get; init; }

    /// <summary>A new tenant with the small framework, or another one.</summary>
    internal static async Task<Classroom> OpenAsync(LedgerFixture fixture, string? framework = null)
    {
        var tenant = await fixture.TenantAsync(withFramework: framework is null);
        var room = new Classroom(tenant)
        {
            Platform = await tenant.ClientAsync(Scopes.EventsWrite),
            Assessor = await tenant.PersonAsync("assessor", Scopes.EvidenceReview, Scopes.AwardsDecide),
            Board = await tenant.PersonAsync("board", Scopes.AwardsDecide, Scopes.EvidenceReview),
            Auditor = await tenant.ClientAsync(Scopes.AuditRead),
            Admin = await tenant.ClientAsync(Scopes.Admin),
        };
        if (framework is not null)
        {
            await room.PublishAsync(framework);
        }

        return room;
    }

    /// <summary>The framework under another code, with another rule of its second milestone.</summary>
    internal static string Change(string framework, string code, Action<JsonObject> rule)
    {
        var changed = JsonNode.Parse(framework)!.AsObject();
        changed["code"] = code;
        rule(changed["milestones"]![1]!["rule"]!.AsObject());
        return changed.ToJsonString();
    }

    internal async Task PublishAsync(string framework)
    {
        using var answer = await Admin.PostAsync("/v1/frameworks", LedgerFixture.Json(framework));
        await answer.ShouldBeAsync(HttpStatusCode.Created);
    }

    /// <summary>Posts one attempt; returns the learner and the event.</summary>
    internal async Task<(Guid Learner, Guid EventId)> AttemptAsync(string subject, string skill, double score, string time = "2026-01-05T10:00:00Z")
    {
        var posted = await Tenant.PostAsync(Platform, Tenant.Attempt($"a{Interlocked.Increment(ref _events)}", subject, skill, score, time));
        return ((Guid)posted["receipts"]![0]!["learner"]!, (Guid)posted["receipts"]![0]!["eventId"]!);
    }

    /// <summary>Evidence for a skill, accepted by somebody.</summary>
    internal async Task<Guid> AcceptedEvidenceAsync(string subject, Guid learner, string skill, HttpClient by)
    {
        var evidence = Guid.NewGuid();
        await Tenant.PostAsync(Platform, Tenant.Evidence($"e{Interlocked.Increment(ref _events)}", subject, evidence, $"\"{skill}\""));
        using var reviewed = await ReviewAsync(by, learner, evidence, "accepted");
        await reviewed.ShouldBeAsync(HttpStatusCode.Created);
        return evidence;
    }

    internal static Task<HttpResponseMessage> ReviewAsync(HttpClient by, Guid learner, Guid evidence, string decision) =>
        by.PostAsync($"/v1/learners/{learner}/evidence/{evidence}/reviews", LedgerFixture.Json($$"""{"decision":"{{decision}}"}"""));

    /// <summary>A learner who has the milestone <c>base</c>, awarded by the policy; and the attempt at beta it rests on.</summary>
    internal async Task<(Guid Learner, Guid Beta)> WithBaseAsync(string subject)
    {
        var (learner, _) = await AttemptAsync(subject, "alpha", 0.9);
        var (_, beta) = await AttemptAsync(subject, "beta", 0.9);
        await AcceptedEvidenceAsync(subject, learner, "alpha", Assessor);
        await AwardedAsync(learner, "base");
        return (learner, beta);
    }

    /// <summary>As <see cref="WithBaseAsync"/> where two frameworks have a milestone of that code.</summary>
    internal async Task<(Guid Learner, Guid Beta)> WithBaseOfAllAsync(string subject)
    {
        var (learner, _) = await AttemptAsync(subject, "alpha", 0.9);
        var (_, beta) = await AttemptAsync(subject, "beta", 0.9);
        await AcceptedEvidenceAsync(subject, learner, "alpha", Assessor);
        await AwardedAsync(learner, "base", "base");
        return (learner, beta);
    }

    /// <summary>A learner who may be awarded <c>peak</c> by anybody but <see cref="Assessor"/>; and the attempt at gamma it will rest on.</summary>
    internal async Task<(Guid Learner, Guid Gamma)> ReadyForPeakAsync(string subject)
    {
        var (learner, _) = await WithBaseAsync(subject);
        var (_, gamma) = await AttemptAsync(subject, "gamma", 0.9);
        await AcceptedEvidenceAsync(subject, learner, "gamma", Assessor);
        return (learner, gamma);
    }

    /// <summary>As <see cref="ReadyForPeakAsync"/>, and awarded by <see cref="Board"/>.</summary>
    internal async Task<(Guid Learner, Guid Award, Guid Gamma)> WithPeakAsync(string subject)
    {
        var (learner, gamma) = await ReadyForPeakAsync(subject);
        using var awarded = await AwardAsync(Board, learner, "peak");
        await awarded.ShouldBeAsync(HttpStatusCode.Created);
        return (learner, (Guid)(await awarded.JsonAsync())["award"]!, gamma);
    }

    internal static Task<HttpResponseMessage> AwardAsync(HttpClient by, Guid learner, string milestone, string? framework = null) =>
        by.PostAsync($"/v1/learners/{learner}/awards", LedgerFixture.Json(JsonSerializer.Serialize(new { milestone, framework }, LedgerJson.Options)));

    internal static Task<HttpResponseMessage> ActAsync(HttpClient by, Guid learner, Guid award, string act, string body = """{"reason":"board-decision"}""") =>
        by.PostAsync($"/v1/learners/{learner}/awards/{award}/{act}", LedgerFixture.Json(body));

    internal static Task<HttpResponseMessage> VoidAsync(HttpClient by, Guid learner, Guid attempt, string body = """{"reason":"proctoring"}""") =>
        by.PostAsync($"/v1/learners/{learner}/attempts/{attempt}/void", LedgerFixture.Json(body));

    /// <summary>The award as it is read.</summary>
    internal async Task<JsonNode> ReadAsync(Guid learner, Guid award)
    {
        using var answer = await Auditor.GetAsync($"/v1/learners/{learner}/awards/{award}");
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.JsonAsync();
    }

    /// <summary>The events of a type in a learner's stream: their bodies, oldest first.</summary>
    internal async Task<IReadOnlyList<JsonNode>> EventsAsync(Guid learner, string type)
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(Tenant.Fixture.ConnectionString);
        await using var command = database.CreateCommand("select data::text from ledger.mt_events where tenant_id = $1 and stream_id = $2 and type = $3 order by version");
        command.Parameters.Add(new() { Value = Tenant.Name });
        command.Parameters.Add(new() { Value = learner });
        command.Parameters.Add(new() { Value = type });
        await using var reader = await command.ExecuteReaderAsync();
        var bodies = new List<JsonNode>();
        while (await reader.ReadAsync())
        {
            bodies.Add(JsonNode.Parse(reader.GetString(0))!);
        }

        return bodies;
    }

    internal Task AwardedAsync(Guid learner, params string[] milestones) => Expectations.EventuallyAsync(
        async () => (await EventsAsync(learner, "milestone.awarded")).Select(e => (string)e["milestone"]!).SequenceEqual(milestones),
        $"the awards {string.Join(", ", milestones)} of {learner.ToString("D", CultureInfo.InvariantCulture)}");

    public void Dispose()
    {
        foreach (var client in (HttpClient[])[Platform, Assessor, Board, Auditor, Admin])
        {
            client.Dispose();
        }
    }
}
