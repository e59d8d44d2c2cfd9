-- The questions count people, and take standings that are kept. Who is linked counts as the one who leads, at every sequence as the links were then.
-- What others build upon is written so that PostgreSQL puts it into the question around it, which then works out no column it does not ask for.

-- A link is two events, one of each learner, and lasts where both say so: between the two it does not, whichever comes first.
create function analytics.streams(tenant text, learner uuid, sequence bigint) returns table (stream uuid) language sql stable rows 1 as $$
  select $2
  union all
  select last.other from (
    select distinct on (k.other) k.other, k.kind from analytics.fact_link k
      where k.tenant = $1 and k.learner = $2 and k.leads and k.sequence <= $3 order by k.other, k.sequence desc) last
    where last.kind = 'linked' and 'linked' = (
      select k.kind from analytics.fact_link k
        where k.tenant = $1 and k.learner = last.other and k.other = $2 and not k.leads and k.sequence <= $3 order by k.sequence desc limit 1)
$$;
comment on function analytics.streams is 'The learners who are one person with the one who leads, who is among them: everything under any of them is theirs.';

create function analytics.moves(tenant text, cohort text, sequence bigint) returns table (learner uuid, kind text, occurred timestamptz, sequence bigint)
language sql stable rows 500 as $$
  select coalesce(l.other, m.learner), m.kind, m.occurred, m.sequence
    from analytics.fact_membership m
    left join lateral (
      select k.other, k.kind from analytics.fact_link k
        where k.tenant = $1 and k.learner = m.learner and not k.leads and k.sequence <= $3 order by k.sequence desc limit 1) l
      on l.kind = 'linked' and 'linked' = (
        select k.kind from analytics.fact_link k
          where k.tenant = $1 and k.learner = l.other and k.other = m.learner and k.leads and k.sequence <= $3 order by k.sequence desc limit 1)
    where m.tenant = $1 and m.cohort = $2 and m.sequence <= $3
$$;
comment on function analytics.moves is 'Joins and leaves of people: those of somebody who is linked are moves of the one who leads.';

-- How many there are is told to the planner, who would take them for two: kept out of the question around it.
create function analytics.people(tenant text, cohort text, sequence bigint) returns table (learner uuid, streams uuid[])
language sql stable rows 500 set jit = off as $$
  select last.learner, array(select s.stream from analytics.streams($1, last.learner, $3) s) from (
    select distinct on (m.learner) m.learner, m.kind from analytics.moves($1, $2, $3) m order by m.learner, m.occurred desc, m.sequence desc) last
    where last.kind = 'joined'
$$;
comment on function analytics.people is 'Who belongs to a cohort, each with the learners who are that person. Belongs: whose last move, by occurred, then sequence, is a join.';

create or replace function analytics.members(tenant text, cohort text, sequence bigint) returns table (learner uuid) language sql stable rows 500 as $$
  select p.learner from analytics.people($1, $2, $3) p
$$;
comment on function analytics.members is 'Who belongs to a cohort: whose last move, by occurred, then sequence, is a join. People who are linked are there once, as the one who leads.';

create or replace function analytics.memberships(tenant text, cohort text, sequence bigint) returns table (learner uuid, joined timestamptz, ended timestamptz)
language sql stable rows 500 set jit = off set work_mem = '64MB' as $$
  select turn.learner, turn.occurred, turn.ended from (
    select m.learner, m.kind, m.occurred, lead(m.occurred) over (partition by m.learner order by m.occurred, m.sequence) as ended from (
      select f.learner, f.kind, f.occurred, f.sequence, lag(f.kind) over (partition by f.learner order by f.occurred, f.sequence) as before
        from analytics.moves($1, $2, $3) f) m
      where m.before is distinct from m.kind) turn
    where turn.kind = 'joined' and turn.ended is distinct from turn.occurred
$$;

create function analytics.standing_anew(tenant text, cohort text, sequence bigint, learners uuid[])
returns table (learner uuid, skill text, passing_score numeric, attempts bigint, passes bigint, score_sum numeric,
  first_score numeric, best_score numeric, latest_score numeric, tries_to_pass bigint, passed_at timestamptz) language sql stable rows 20000 as $$
  with passing as materialized (select p.skill, p.passing_score from analytics.passing($1, $2, $3) p),
  person as materialized (
    select p.learner, p.streams from analytics.people($1, $2, $3) p cross join analytics.judged_by($1, $2, $3) f
      where case when $4 is not null then p.learner = any ($4) else cardinality(p.streams) > 1 or not exists (
        select from analytics.kept_standing k
          where k.tenant = $1 and k.framework = f.framework and k.framework_version = f.framework_version and k.learner = p.learner
            and k.from_sequence <= $3 and (k.to_sequence is null or k.to_sequence > $3)) end),
  voided as materialized (
    select v.attempt from person m cross join lateral (
      select f.attempt from analytics.fact_attempt_void f where f.tenant = $1 and f.learner = any (m.streams) and f.sequence <= $3 offset 0) v)
  select m.learner, s.skill, p.passing_score, s.attempts, s.passes, s.score_sum, s.first_score, s.best_score, s.latest_score, s.tries_to_pass, s.passed_at
    from person m cross join lateral (
      select t.skill, count(*) as attempts, count(*) filter (where t.passes) as passes, sum(t.score) as score_sum,
          (array_agg(t.score))[1] as first_score, max(t.score) as best_score, (array_agg(t.score))[count(*)] as latest_score,
          array_position(array_agg(t.passes), true)::bigint as tries_to_pass, min(t.occurred) filter (where t.passes) as passed_at
        from (
          select a.skill, a.score, a.occurred, a.score >= r.passing_score as passes
            from analytics.fact_attempt a
            left join (select q.skill, max(q.passing_score) as passing_score from passing q group by q.skill) r on r.skill = a.skill
            where a.tenant = $1 and a.learner = any (m.streams) and a.sequence <= $3 and a.event_id not in (select v.attempt from voided v)
            order by a.skill, a.occurred, a.sequence) t
        group by t.skill) s
    join passing p on p.skill = s.skill
$$;
comment on function analytics.standing_anew is 'As standing, worked out from the facts: for those whose standing is not kept, or for the learners named alone.';

create or replace function analytics.standing(tenant text, cohort text, sequence bigint)
returns table (learner uuid, skill text, passing_score numeric, attempts bigint, passes bigint, score_sum numeric,
  first_score numeric, best_score numeric, latest_score numeric, tries_to_pass bigint, passed_at timestamptz) language sql stable rows 20000 as $$
  select p.learner, k.skill, k.passing_score, k.attempts, k.passes, k.score_sum, k.first_score, k.best_score, k.latest_score, k.tries_to_pass, k.passed_at
    from analytics.people($1, $2, $3) p cross join analytics.judged_by($1, $2, $3) f
    cross join lateral (
      select s.skill, s.passing_score, s.attempts, s.passes, s.score_sum, s.first_score, s.best_score, s.latest_score, s.tries_to_pass, s.passed_at
        from analytics.kept_standing v join analytics.kept_standing_skill s
          on s.tenant = v.tenant and s.framework = v.framework and s.framework_version = v.framework_version and s.learner = v.learner
        where v.tenant = $1 and v.framework = f.framework and v.framework_version = f.framework_version and v.learner = p.learner
          and v.from_sequence <= $3 and (v.to_sequence is null or v.to_sequence > $3) offset 0) k
    where cardinality(p.streams) = 1
  union all
  select n.learner, n.skill, n.passing_score, n.attempts, n.passes, n.score_sum, n.first_score, n.best_score, n.latest_score, n.tries_to_pass, n.passed_at
    from analytics.standing_anew($1, $2, $3, null) n
$$;

-- Keeps the standing of members who rest, of a thousand at most: it reads no further than is projected, and holds off the projection meanwhile.
create procedure analytics.keep_standings(tenant text, cohort text, resting bigint) language plpgsql set jit = off set work_mem = '64MB' as $$
#variable_conflict use_column
declare
  done bigint;
  judged record;
  rest uuid[];
begin
  lock table analytics.kept_standing in share row exclusive mode;
  select p.last_seq_id into done from ledger.mt_event_progression p where p.name = 'Analytics:All';
  select f.framework, f.framework_version into judged from analytics.judged_by($1, $2, done) f;
  if judged.framework_version is null then
    return;
  end if;
  with missing as materialized (
    select p.learner from analytics.people($1, $2, done) p where cardinality(p.streams) = 1 and not exists (
      select from analytics.kept_standing k
        where k.tenant = $1 and k.framework = judged.framework and k.framework_version = judged.framework_version and k.learner = p.learner and k.to_sequence is null)),
  kept as (
    insert into analytics.kept_standing as k (tenant, framework, framework_version, learner, from_sequence)
      select $1, judged.framework, judged.framework_version, p.learner, l.sequence
        from missing p cross join lateral (
          select max(e.sequence) as sequence from (
            select a.sequence from analytics.fact_attempt a where a.tenant = $1 and a.learner = p.learner and a.sequence <= done
            union all
            select v.sequence from analytics.fact_attempt_void v where v.tenant = $1 and v.learner = p.learner and v.sequence <= done) e) l
        where l.sequence <= $3 limit 1000
      on conflict (tenant, framework, framework_version, learner) do update set from_sequence = excluded.from_sequence, to_sequence = null
      returning k.learner)
  select array_agg(k.learner) into rest from kept k;
  if rest is null then
    return;
  end if;
  delete from analytics.kept_standing_skill s
    where s.tenant = $1 and s.framework = judged.framework and s.framework_version = judged.framework_version and s.learner = any (rest);
  insert into analytics.kept_standing_skill (tenant, framework, framework_version, learner, skill, passing_score, attempts, passes, score_sum,
      first_score, best_score, latest_score, tries_to_pass, passed_at)
    select $1, judged.framework, judged.framework_version, n.* from analytics.standing_anew($1, $2, done, rest) n;
end
$$;
comment on procedure analytics.keep_standings is 'Keeps the standing of those members of a cohort whose attempts have not changed after a sequence, of a thousand of them at most. Called by the service.';
revoke execute on procedure analytics.keep_standings from public;

create or replace function analytics.verdicts(tenant text, cohort text, sequence bigint)
returns table (learner uuid, evidence uuid, milestone text, skills text[], withdrawn boolean, submitted timestamptz, assessor text, decision text, reviewed timestamptz)
language sql stable rows 5000 set jit = off set work_mem = '64MB' as $$
  with person as materialized (select p.learner, p.streams from analytics.people($1, $2, $3) p),
  item as materialized (
    select m.learner, e.evidence, e.milestone, e.skills, e.occurred, e.withdrawn from person m cross join lateral (
      select distinct on (h.evidence) h.evidence, h.milestone, h.skills, h.occurred, h.kind,
          bool_or(h.kind = 'withdrawn') over (partition by h.evidence) as withdrawn
        from analytics.fact_evidence h where h.tenant = $1 and h.learner = any (m.streams) and h.sequence <= $3 order by h.evidence, h.kind, h.sequence) e
      where e.kind = 'submitted'),
  verdict as materialized (
    select m.learner, v.evidence, v.assessor, v.decision, v.occurred from person m cross join lateral (
      select distinct on (r.evidence, r.assessor) r.evidence, r.assessor, r.decision, r.occurred from analytics.fact_review r
        where r.tenant = $1 and r.learner = any (m.streams) and r.sequence <= $3 order by r.evidence, r.assessor, r.sequence desc) v)
  select i.learner, i.evidence, i.milestone, i.skills, i.withdrawn, i.occurred, v.assessor, v.decision, v.occurred
    from item i left join verdict v on v.learner = i.learner and v.evidence = i.evidence
$$;

create function analytics.latest_awards(tenant text, cohort text, sequence bigint) returns table (learner uuid, milestone text, award text)
language sql stable rows 2000 set jit = off as $$
  select p.learner, a.milestone, a.kind from analytics.people($1, $2, $3) p cross join analytics.judged_by($1, $2, $3) f cross join lateral (
    select distinct on (w.milestone) w.milestone, w.kind from (
      select distinct on (g.award) g.milestone, g.kind, g.sequence from analytics.fact_award g
        where g.tenant = $1 and g.learner = any (p.streams) and g.framework = f.framework and g.sequence <= $3 and g.kind not in ('flagged', 'affirmed')
        order by g.award, g.sequence desc) w
      order by w.milestone, case when w.kind in ('awarded', 'reinstated', 'renewed') then 0 when w.kind = 'suspended' then 1 else 2 end, w.sequence desc) a
$$;
comment on function analytics.latest_awards is
  'Where members stand with each milestone of the cohort''s framework that they ever had an award of: the latest event of it but flags and affirmations, whatever framework version '
  'granted it. Of several awards, which people who are linked may have, the one that stands says it, else one that is suspended, else the one that changed last.';

create or replace function analytics.progress(tenant text, cohort text, sequence bigint)
returns table (learner uuid, milestone text, level int, entered boolean, meets_rule boolean, award text)
language sql stable rows 5000 set jit = off set work_mem = '64MB' as $$
  with by_framework as materialized (select j.framework, j.framework_version from analytics.judged_by($1, $2, $3) j),
  rule as materialized (
    select d.milestone, d.level, d.passing_score, d.counting, d.evidence_minimum, d.distinct_assessors, d.requires,
        array(select s.skill from analytics.milestone_skill s
          where s.tenant = $1 and s.framework = f.framework and s.framework_version = f.framework_version and s.milestone = d.milestone) as skills
      from by_framework f join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version),
  tried as materialized (
    select s.learner, p.milestone, count(*) filter (
        where case p.counting when 'latest' then s.latest_score when 'first' then s.first_score else s.best_score end >= p.passing_score) as passed
      from analytics.standing($1, $2, $3) s
      join (select r.milestone, r.counting, r.passing_score, k.skill from rule r cross join lateral unnest(r.skills) as k (skill)) p on p.skill = s.skill
      group by s.learner, p.milestone),
  item as materialized (
    select v.learner, v.evidence, v.milestone, v.skills, array_agg(v.assessor) as assessors,
        not v.withdrawn and coalesce(bool_and(v.decision = 'accepted'), false) as accepted
      from analytics.verdicts($1, $2, $3) v group by v.learner, v.evidence, v.milestone, v.skills, v.withdrawn),
  handed_in as materialized (
    select i.learner, r.milestone, count(distinct i.evidence) filter (where i.accepted) as items, count(distinct a.assessor) filter (where i.accepted) as assessors
      from item i join rule r on r.milestone = i.milestone or (i.milestone is null and i.skills && r.skills)
      cross join lateral unnest(i.assessors) as a (assessor)
      group by i.learner, r.milestone),
  latest as materialized (select a.learner, a.milestone, a.award from analytics.latest_awards($1, $2, $3) a),
  stands as materialized (
    select l.learner, array_agg(l.milestone) as milestones from latest l where l.award in ('awarded', 'reinstated', 'renewed') group by l.learner)
  select m.learner, r.milestone, r.level, t.learner is not null or h.learner is not null,
      coalesce(t.passed, 0) = cardinality(r.skills) and r.requires <@ coalesce(s.milestones, '{}')
        and coalesce(h.items, 0) >= r.evidence_minimum and coalesce(h.assessors, 0) >= r.distinct_assessors
        and (cardinality(r.skills) > 0 or r.evidence_minimum > 0 or r.distinct_assessors > 0 or cardinality(r.requires) > 0),
      l.award
    from analytics.members($1, $2, $3) m cross join rule r
    left join tried t on t.learner = m.learner and t.milestone = r.milestone
    left join handed_in h on h.learner = m.learner and h.milestone = r.milestone
    left join latest l on l.learner = m.learner and l.milestone = r.milestone
    left join stands s on s.learner = m.learner
$$;

create or replace function analytics.award_shares(tenant text, cohort text, sequence bigint) returns table (level int, milestone text, members bigint, awarded bigint)
language sql stable rows 10 set jit = off set work_mem = '64MB' as $$
  select d.level, d.milestone, (select count(*) from analytics.members($1, $2, $3)), count(*) filter (where l.award in ('awarded', 'reinstated', 'renewed'))
    from analytics.milestones($1, $2, $3) d left join analytics.latest_awards($1, $2, $3) l on l.milestone = d.milestone
    group by d.level, d.milestone order by d.level, d.milestone collate "C"
$$;

create or replace function analytics.durations(tenant text, cohort text, sequence bigint, at timestamptz, milestone text)
returns table (learner uuid, joined timestamptz, days numeric, awarded boolean) language sql stable rows 500 set jit = off set work_mem = '64MB' as $$
  select p.learner, p.joined,
      round(extract(epoch from case when a.effective_at <= p.watched then a.effective_at else p.watched end - p.joined) / 86400, 6),
      coalesce(a.effective_at <= p.watched, false)
    from (
      select m.learner, min(m.joined) as joined, least(case when bool_or(m.ended is null) then $4 else max(m.ended) end, $4) as watched
        from analytics.memberships($1, $2, $3) m where m.joined <= $4 group by m.learner) p
    cross join analytics.judged_by($1, $2, $3) f
    left join lateral (
      select min(w.effective_at) as effective_at from analytics.streams($1, p.learner, $3) s join analytics.fact_award w
        on w.tenant = $1 and w.learner = s.stream and w.framework = f.framework and w.milestone = $5 and w.kind = 'awarded' and w.sequence <= $3) a on true
$$;

create or replace function analytics.mastery(tenant text, cohort text, sequence bigint) returns table (learner uuid, skill text, attempts bigint, best_score numeric, passed boolean)
language sql stable rows 20000 set jit = off set work_mem = '64MB' as $$
  select s.learner, s.skill, s.attempts, s.best_score, s.best_score >= s.passing_score from analytics.standing($1, $2, $3) s order by s.learner, s.skill collate "C"
$$;

create or replace function analytics.mastery_by_skill(tenant text, cohort text, sequence bigint) returns table (skill text, tried bigint, passed bigint)
language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  select p.skill, count(s.learner), count(*) filter (where s.best_score >= s.passing_score)
    from analytics.passing($1, $2, $3) p left join analytics.standing($1, $2, $3) s on s.skill = p.skill group by p.skill order by p.skill collate "C"
$$;

create or replace function analytics.first_scores(tenant text, cohort text, sequence bigint)
returns table (skill text, learners bigint, first_sum numeric, first_squares numeric) language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  select p.skill, count(s.first_score), coalesce(sum(s.first_score), 0), coalesce(sum(s.first_score * s.first_score), 0)
    from analytics.passing($1, $2, $3) p left join analytics.standing($1, $2, $3) s on s.skill = p.skill group by p.skill order by p.skill collate "C"
$$;

create or replace function analytics.skills(tenant text, cohort text, sequence bigint)
returns table (skill text, passing_score numeric, attempts bigint, learners bigint, passes bigint, first_passes bigint, passed bigint, score_sum numeric,
  first_sum numeric, first_squares numeric, tries bigint[], pass_rate numeric, first_try_rate numeric, mean_score numeric,
  rest_yes bigint, rest_sum_yes numeric, rest_no bigint, rest_sum_no numeric, rest_squares numeric) language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  with member as materialized (
    select s.learner, s.skill, s.attempts, s.passes, s.score_sum, s.first_score, s.tries_to_pass, coalesce(s.tries_to_pass = 1, false)::int as first_pass
      from analytics.standing($1, $2, $3) s),
  -- Few members differ in all of these, so the share is worked out once for those who do not.
  alike as materialized (
    select m.skill, m.first_pass, t.passes, t.skills, count(*) as members from member m join (
      select learner, sum(first_pass) as passes, count(*) as skills from member group by learner having count(*) > 1) t on t.learner = m.learner
      group by m.skill, m.first_pass, t.passes, t.skills),
  rests as materialized (
    select r.skill, sum(r.members) filter (where r.first_pass = 1)::bigint as yes, sum(r.members * r.rest) filter (where r.first_pass = 1) as sum_yes,
        sum(r.members) filter (where r.first_pass = 0)::bigint as no, sum(r.members * r.rest) filter (where r.first_pass = 0) as sum_no, sum(r.members * r.rest * r.rest) as squares
      from (select a.skill, a.first_pass, a.members, round((a.passes - a.first_pass)::numeric / (a.skills - 1), 12) as rest from alike a) r group by r.skill),
  figures as materialized (
    select m.skill, sum(m.attempts)::bigint as attempts, count(*) as learners, sum(m.passes)::bigint as passes, sum(m.first_pass)::bigint as first_passes,
        count(m.tries_to_pass) as passed, sum(m.score_sum) as score_sum, sum(m.first_score) as first_sum, sum(m.first_score * m.first_score) as first_squares,
        array_agg(coalesce(m.tries_to_pass, -m.attempts)) as tries
      from member m group by m.skill)
  select p.skill, p.passing_score, coalesce(g.attempts, 0), coalesce(g.learners, 0), coalesce(g.passes, 0), coalesce(g.first_passes, 0), coalesce(g.passed, 0),
      coalesce(g.score_sum, 0), coalesce(g.first_sum, 0), coalesce(g.first_squares, 0), array(select t from unnest(g.tries) t order by t),
      trim_scale(round(g.passes::numeric / g.attempts, 12)), trim_scale(round(g.first_passes::numeric / g.learners, 12)), trim_scale(round(g.score_sum / g.attempts, 12)),
      coalesce(r.yes, 0), coalesce(r.sum_yes, 0), coalesce(r.no, 0), coalesce(r.sum_no, 0), coalesce(r.squares, 0)
    from analytics.passing($1, $2, $3) p
    left join figures g on g.skill = p.skill left join rests r on r.skill = p.skill
    order by 12 nulls last, p.skill collate "C"
$$;

create or replace function analytics.trends(tenant text, cohort text, sequence bigint)
returns table (week date, attempts bigint, learners bigint, evidence bigint, awarded bigint, joined bigint, ended bigint) language sql stable rows 50 set jit = off set work_mem = '64MB' as $$
  with spell as materialized (
    select m.learner, m.joined, m.ended, array(select s.stream from analytics.streams($1, m.learner, $3) s) as streams from analytics.memberships($1, $2, $3) m),
  voided as materialized (
    select v.attempt from spell m cross join lateral (
      select f.attempt from analytics.fact_attempt_void f where f.tenant = $1 and f.learner = any (m.streams) and f.sequence <= $3 offset 0) v),
  -- Weeks begin on Mondays, as the first year did; date_trunc does the same at several times the cost.
  happened as materialized (
    select a.week, a.attempts, 0 as evidence, 0 as awarded, 0 as joined, 0 as ended, m.learner from spell m cross join lateral (
      select date_bin('7 days', t.occurred, '0001-01-01 00:00:00+00') as week, count(*) as attempts from analytics.fact_attempt t
        where t.tenant = $1 and t.learner = any (m.streams) and t.sequence <= $3 and t.occurred >= m.joined and (m.ended is null or t.occurred < m.ended)
          and t.event_id not in (select v.attempt from voided v)
        group by 1) a
    union all
    select date_bin('7 days', e.occurred, '0001-01-01 00:00:00+00'), 0, 1, 0, 0, 0, m.learner from spell m cross join lateral (
      select h.occurred from analytics.fact_evidence h
        where h.tenant = $1 and h.learner = any (m.streams) and h.kind = 'submitted' and h.sequence <= $3 and h.occurred >= m.joined and (m.ended is null or h.occurred < m.ended) offset 0) e
    union all
    select date_bin('7 days', w.effective_at, '0001-01-01 00:00:00+00'), 0, 0, 1, 0, 0, null from spell m cross join analytics.judged_by($1, $2, $3) f cross join lateral (
      select g.effective_at from analytics.fact_award g
        where g.tenant = $1 and g.learner = any (m.streams) and g.framework = f.framework and g.kind = 'awarded' and g.sequence <= $3
          and g.effective_at >= m.joined and (m.ended is null or g.effective_at < m.ended) offset 0) w
    union all
    select date_bin('7 days', m.joined, '0001-01-01 00:00:00+00'), 0, 0, 0, 1, 0, null from spell m
    union all
    select date_bin('7 days', m.ended, '0001-01-01 00:00:00+00'), 0, 0, 0, 0, 1, null from spell m where m.ended is not null)
  select (h.week at time zone 'UTC')::date, sum(h.attempts)::bigint, count(distinct h.learner), sum(h.evidence)::bigint, sum(h.awarded)::bigint, sum(h.joined)::bigint, sum(h.ended)::bigint
    from happened h group by h.week order by h.week
$$;

create or replace function analytics.stuck(tenant text, cohort text, sequence bigint, at timestamptz, days int)
returns table (learner uuid, milestone text, level int, last_progress timestamptz, idle_days numeric, skill text, attempts bigint, best_score numeric)
language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  with by_framework as materialized (select j.framework, j.framework_version from analytics.judged_by($1, $2, $3) j),
  member as materialized (
    select m.learner, m.joined, array(select s.stream from analytics.streams($1, m.learner, $3) s) as streams
      from analytics.memberships($1, $2, $3) m where m.joined <= $4 and (m.ended is null or m.ended > $4)),
  stands as materialized (
    select s.learner, s.skill, s.attempts, s.first_score, s.best_score, s.latest_score, s.passed_at from analytics.standing($1, $2, $3) s),
  passed as materialized (select s.learner, max(s.passed_at) as passed_at from stands s group by s.learner),
  verdict as materialized (select v.learner, max(v.reviewed) as reviewed from analytics.verdicts($1, $2, $3) v where v.decision = 'accepted' group by v.learner),
  had as materialized (
    select m.learner, w.milestone, min(w.effective_at) as effective_at from member m cross join by_framework f cross join lateral (
      select g.milestone, g.effective_at from analytics.fact_award g
        where g.tenant = $1 and g.learner = any (m.streams) and g.framework = f.framework and g.kind = 'awarded' and g.sequence <= $3 offset 0) w
      group by m.learner, w.milestone),
  granted as materialized (select h.learner, max(h.effective_at) as effective_at from had h group by h.learner),
  progress as materialized (
    select m.learner, greatest(m.joined, p.passed_at, v.reviewed, g.effective_at) as at
      from member m left join passed p on p.learner = m.learner left join verdict v on v.learner = m.learner left join granted g on g.learner = m.learner),
  idle as materialized (select p.learner, p.at from progress p where p.at <= $4 - make_interval(days => $5)),
  ahead as materialized (
    select distinct on (i.learner) i.learner, i.at, d.milestone, d.level, d.passing_score, d.counting
      from idle i cross join by_framework f
      join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version
      left join had h on h.learner = i.learner and h.milestone = d.milestone
      where h.learner is null order by i.learner, d.level, d.milestone collate "C"),
  blocking as materialized (
    select distinct on (a.learner) a.learner, k.skill, s.attempts, s.best_score
      from ahead a cross join by_framework f
      join analytics.milestone_skill k on k.tenant = $1 and k.framework = f.framework and k.framework_version = f.framework_version and k.milestone = a.milestone
      left join stands s on s.learner = a.learner and s.skill = k.skill
      where coalesce(case a.counting when 'latest' then s.latest_score when 'first' then s.first_score else s.best_score end < a.passing_score, true)
      order by a.learner, coalesce(s.attempts, 0) desc, k.skill collate "C")
  select a.learner, a.milestone, a.level, a.at, round(extract(epoch from $4 - a.at) / 86400, 6), b.skill, coalesce(b.attempts, 0), b.best_score
    from ahead a left join blocking b on b.learner = a.learner
    order by a.at, a.learner
$$;

create or replace function analytics.expiring(tenant text, cohort text, sequence bigint, at timestamptz, days int)
returns table (learner uuid, award uuid, milestone text, level int, expires_at timestamptz) language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  select m.learner, a.award, a.milestone, d.level, a.expires_at
    from analytics.people($1, $2, $3) m cross join analytics.judged_by($1, $2, $3) f
    cross join lateral (
      select distinct on (w.award) w.award, w.milestone, w.kind, (
          select e.expires_at from analytics.fact_award e
            where e.tenant = $1 and e.learner = w.learner and e.framework = f.framework and e.milestone = w.milestone and e.award = w.award
              and e.kind in ('awarded', 'renewed') and e.sequence <= $3 order by e.sequence desc limit 1) as expires_at
        from analytics.fact_award w
        where w.tenant = $1 and w.learner = any (m.streams) and w.framework = f.framework and w.sequence <= $3 and w.kind not in ('flagged', 'affirmed')
        order by w.award, w.sequence desc) a
    left join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version and d.milestone = a.milestone
    where a.kind in ('awarded', 'reinstated', 'renewed') and a.expires_at > $4 and a.expires_at <= $4 + make_interval(days => $5)
    order by a.expires_at, m.learner, a.award
$$;

-- An erased learner may have been counted in a cohort by way of another, with whom they were one person.
create or replace function analytics.erased_since(tenant text, cohorts text[], sequence bigint) returns timestamptz language sql stable as $$
  select max(x.recorded) from analytics.fact_erasure x
    where x.tenant = $1 and x.sequence > $3 and exists (
      select from (
        select distinct on (m.data ->> 'cohort') m.data ->> 'cohort' as cohort, m.type from ledger.mt_events m
          where m.tenant_id = $1 and m.type in ('cohort.joined', 'cohort.left') and m.seq_id <= $3
            and m.data ->> 'learner' = any (array(
              select x.learner::text
              union all
              select last.learner::text from (
                select distinct on (k.learner) k.learner, k.kind from analytics.fact_link k
                  where k.tenant = $1 and k.other = x.learner and k.sequence <= $3 order by k.learner, k.sequence desc) last
                where last.kind = 'linked'))
          order by m.data ->> 'cohort', m.headers ->> 'occurred' desc, m.seq_id desc) last
        where last.cohort = any ($2) and last.type = 'cohort.joined')
$$;

comment on table analytics.dim_learner is
  'Learners, by the UUID the ledger gave them. Holds nothing that identifies a person. Two learners linked as one person stay two here, and facts stay under the learner they '
  'were recorded for; see fact_link. Figures of a cohort count them as one, the one who leads, as long as the link lasts.';
comment on table analytics.fact_membership is
  'Joins and leaves of cohorts. A learner belongs while the last one, by occurred, then sequence, is a join; see moves for learners who are linked.';
comment on view analytics.cohort_membership is
  'Who belonged to which cohort from when until when; the intervals of a learner never overlap. Learners linked as one person are one member, the one who leads.';

call analytics.grant_readers();
