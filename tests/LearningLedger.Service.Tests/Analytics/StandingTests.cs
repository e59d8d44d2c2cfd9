using LearningLedger.Events;
using LearningLedger.Service.Analytics;
using LearningLedger.Service.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LearningLedger.Service.Tests.Analytics;

/// <summary>Where members stand, kept or worked out anew, is at every point of random histories what going through the facts the long way gives.</summary>
public sealed class StandingTests(LedgerFixture fixture) : IClassFixture<LedgerFixture>
{
    /// <summary>People, memberships, attempts in their order and what they come to, each from the rows of the facts alone.</summary>
    private const string LongWay =
        """
        select o.learner, o.skill, o.passing_score, count(*) as attempts, count(*) filter (where o.score >= o.passing_score) as passes, sum(o.score) as score_sum,
            min(o.score) filter (where o.nth = 1) as first_score, max(o.score) as best_score, min(o.score) filter (where o.nth = o.last) as latest_score,
            min(o.nth) filter (where o.score >= o.passing_score) as tries_to_pass, min(o.occurred) filter (where o.score >= o.passing_score) as passed_at
          from (
            select w.lead as learner, a.skill, a.score, a.occurred, p.passing_score,
                row_number() over (partition by w.lead, a.skill order by a.occurred, a.sequence) as nth, count(*) over (partition by w.lead, a.skill) as last
              from analytics.fact_attempt a join who w on w.learner = a.learner join analytics.passing('{0}', 'spring', {1}) p on p.skill = a.skill
              where a.tenant = '{0}' and a.sequence <= {1}
                and a.event_id not in (select v.attempt from analytics.fact_attempt_void v where v.tenant = '{0}' and v.sequence <= {1})
                and 'joined' = (
                  select m.kind from analytics.fact_membership m join who o on o.learner = m.learner
                    where m.tenant = '{0}' and m.cohort = 'spring' and m.sequence <= {1} and o.lead = w.lead order by m.occurred desc, m.sequence desc limit 1)) o
          group by o.learner, o.skill, o.passing_score
        """;

    private const string Who =
        """
        select d.learner, coalesce(l.lead, d.learner) as lead from analytics.dim_learner d left join (
            select case when k.leads then k.other else k.learner end as learner, case when k.leads then k.learner else k.other end as lead
              from analytics.fact_link k where k.tenant = '{0}' and k.sequence <= {1}
              group by 1, 2 having sum(case k.kind when 'linked' then 1 else -1 end) = 2) l on l.learner = d.learner
          where d.tenant = '{0}'
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Standings_kept_and_worked_out_are_those_of_the_facts_at_every_point(int seed)
    {
        var (tenant, random) = (await fixture.TenantAsync(), new Random(seed));
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        var people = new Dictionary<string, Guid>();
        var attempts = new List<(Guid Learner, Guid Attempt)>();
        for (var i = 0; i < 30; i++)
        {
            string[] events = [.. Enumerable.Range(0, random.Next(1, 25)).Select(k => Some(random, $"{i}-{k}"))];
            var receipts = (await Tenant.PostAsync(client, events))["receipts"]!.AsArray();
            foreach (var (sent, receipt) in events.Zip(receipts))
            {
                var (learner, id) = ((Guid)receipt!["learner"]!, (Guid)receipt["eventId"]!);
                people[$"{learner:D}"] = learner;
                if (sent.Contains("skill.attempted", StringComparison.Ordinal))
                {
                    attempts.Add((learner, id));
                }
            }

            await DecideAsync(tenant, client, random, [.. people.Values], attempts);
            if (i % 3 == 2)
            {
                await client.AskAsync(fixture, "spring", "mastery");
                await KeepAsync(tenant, resting: await fixture.HeadAsync() - random.Next(40));
            }
        }

        await client.AskAsync(fixture, "spring", "mastery");
        var (first, head) = (await fixture.AskAsync<long>($"select min(sequence) from analytics.dim_cohort where tenant = '{tenant.Name}'"), await fixture.HeadAsync());
        Assert.True(await fixture.AskAsync<long>($"select count(*) from analytics.kept_standing where tenant = '{tenant.Name}' and cardinality(milestones) > 0 and rest_failed is not null") > 0);
        var kept = new List<(long At, string Questions)>();
        for (var at = head; at > first; at -= Math.Max(1, (head - first) / 40))
        {
            Assert.Equal((at, 0L), (at, await DifferencesAsync(tenant, at)));
            kept.Add((at, await QuestionsAsync(tenant, at)));
        }

        // Nothing rests on what is kept.
        Assert.True(await fixture.AskAsync<long>($"select count(*) from analytics.standing('{tenant.Name}', 'spring', {head})") > 10);
        await fixture.AskAsync<long>($"with gone as (delete from analytics.kept_standing where tenant = '{tenant.Name}' returning 1) select count(*) from gone");
        Assert.Equal(0, await DifferencesAsync(tenant, head));
        foreach (var (at, questions) in kept)
        {
            Assert.Equal((at, questions), (at, await QuestionsAsync(tenant, at)));
        }
    }

    [Fact]
    public async Task What_happens_to_somebody_who_is_kept_ends_that_and_earlier_points_stay()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        var posted = await Tenant.PostAsync(client, Cohorts.Joined("j", "ann", "spring"), Tenant.Attempt("1", "ann", "alpha", 0.25), Tenant.Attempt("2", "ann", "alpha", 0.75));
        var before = await client.AskAsync(fixture, "spring", "mastery?by=learners");
        await KeepAsync(tenant, long.MaxValue);
        Assert.Equal(1, await OpenAsync(tenant));

        // Keeping again, and what is not about attempts, leaves it; a void ends it.
        await KeepAsync(tenant, long.MaxValue);
        await Tenant.PostAsync(client, Tenant.Evidence("3", "ann", Guid.NewGuid()));
        await client.AskAsync(fixture, "spring", "funnel");
        Assert.Equal(1, await OpenAsync(tenant));
        await tenant.AppendAsync((Guid)posted["receipts"]![0]!["learner"]!, DateTimeOffset.UtcNow, new AttemptVoided((Guid)posted["receipts"]![2]!["eventId"]!, "mistake"));
        var after = await client.AskAsync(fixture, "spring", "mastery?by=learners");

        Assert.Equal(0, await OpenAsync(tenant));
        Assert.Equal(["2 0.75", "1 0.25"], new[] { before, after }.Select(m => $"{m["learners"]![0]!["skills"]![0]!["attempts"]} {m["learners"]![0]!["skills"]![0]!["best"]}"));
        Assert.Equal(
            before["learners"]!.ToJsonString(),
            System.Text.Json.Nodes.JsonNode.Parse(await client.ReadAsync($"/v1/cohorts/spring/analytics/mastery?by=learners&asOf=seq:{(long)before["sequence"]!}"))!["learners"]!.ToJsonString());
    }

    [Fact]
    public async Task Who_is_at_work_is_not_kept()
    {
        var tenant = await fixture.TenantAsync();
        using var client = await tenant.ClientAsync(Cohorts.Everything);
        await client.OpenCohortAsync("spring");
        await Tenant.PostAsync(client, Cohorts.Joined("j1", "ann", "spring"), Cohorts.Joined("j2", "bob", "spring"), Tenant.Attempt("1", "ann", "alpha", 0.25));
        var resting = await fixture.HeadAsync();
        await Tenant.PostAsync(client, Tenant.Attempt("2", "bob", "alpha", 0.25));
        await client.AskAsync(fixture, "spring", "funnel");

        await KeepAsync(tenant, resting);

        Assert.Equal(1, await OpenAsync(tenant));
    }

    /// <summary>An event of somebody: mostly attempts, some of them late.</summary>
    private static string Some(Random random, string id)
    {
        var (who, time) = ($"p{random.Next(14)}", $"2026-02-{random.Next(1, 29):00}T0{random.Next(10)}:00:00Z");
        return random.Next(8) switch
        {
            0 => Cohorts.Joined(id, who, "spring", time),
            1 when random.Next(3) == 0 => Cohorts.Left(id, who, "spring", time),
            _ => Tenant.Attempt(id, who, new[] { "alpha", "beta", "gamma" }[random.Next(3)], random.Next(21) / 20.0, time),
        };
    }

    private static async Task DecideAsync(Tenant tenant, HttpClient client, Random random, Guid[] people, List<(Guid Learner, Guid Attempt)> attempts)
    {
        if (attempts.Count > 0 && random.Next(2) == 0)
        {
            var (learner, attempt) = attempts[random.Next(attempts.Count)];
            await tenant.AppendAsync(learner, DateTimeOffset.UtcNow, new AttemptVoided(attempt, "mistake"));
        }

        if (random.Next(6) == 0)
        {
            // Some may not be linked or split, which is said and changes nothing.
            var (one, other) = (people[random.Next(people.Length)], people[random.Next(people.Length)]);
            using var linked = await client.PostAsync($"/v1/learners/{one:D}/links", LedgerFixture.Json($$"""{"learner":"{{other:D}}","reason":"same-person"}"""));
        }
        else
        {
            foreach (var (one, other) in people.SelectMany(one => people.Select(other => (one, other))).Where(_ => random.Next(30) == 0))
            {
                using var ended = await client.PostAsync($"/v1/learners/{one:D}/links/{other:D}/end", LedgerFixture.Json("""{"reason":"joined-by-mistake"}"""));
            }
        }
    }

    private Task KeepAsync(Tenant tenant, long resting) =>
        fixture.Ledger.App.Services.GetRequiredService<KeptStandings>().KeepAsync(tenant.Name, "spring", resting, CancellationToken.None);

    private Task<long> OpenAsync(Tenant tenant) => fixture.AskAsync<long>($"select count(*) from analytics.kept_standing where tenant = '{tenant.Name}' and to_sequence is null");

    private Task<long> DifferencesAsync(Tenant tenant, long at)
    {
        static string Said(string sql, Tenant tenant, long at) => sql.Replace("{0}", tenant.Name, StringComparison.Ordinal).Replace("{1}", $"{at}", StringComparison.Ordinal);
        return fixture.AskAsync<long>(
            $"""
            with who as materialized ({Said(Who, tenant, at)}), facts as materialized ({Said(LongWay, tenant, at)}),
              asked as materialized (select * from analytics.standing('{tenant.Name}', 'spring', {at})),
              firsts as materialized (select f.skill, count(*) as learners, sum(f.first_score) as first_sum, sum(f.first_score * f.first_score) as first_squares from facts f group by f.skill),
              asked_firsts as materialized (select * from analytics.first_scores('{tenant.Name}', 'spring', {at}) where learners > 0)
            select (select count(*) from ((select * from facts except all select * from asked) union all (select * from asked except all select * from facts)) d)
              + (select count(*) from ((select * from firsts except all select * from asked_firsts) union all (select * from asked_firsts except all select * from firsts)) d)
            """);
    }

    /// <summary>What the questions give that take more of what is kept than where members stand.</summary>
    private Task<string> QuestionsAsync(Tenant tenant, long at) => fixture.AskAsync<string>(
        $"""
        select concat_ws('|',
          (select string_agg(p::text, '/' order by p.learner, p.milestone) from analytics.progress('{tenant.Name}', 'spring', {at}) p),
          (select string_agg(d::text, '/' order by d.skill) from analytics.difficulty('{tenant.Name}', 'spring', {at}) d),
          (select string_agg(f::text, '/' order by f.skill) from analytics.first_scores('{tenant.Name}', 'spring', {at}) f))
        """);
}
