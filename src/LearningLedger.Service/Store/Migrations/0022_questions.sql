-- Every question about a cohort, as functions of (tenant, cohort, sequence). They give exact counts and sums; what is estimated from these (curves,
-- intervals, agreement) is worked out once, in the service. All read member by member, so their cost grows with the cohort and not with the ledger.

-- A learner's attempts in the order the questions need, skill by skill, with all they ask for: nothing is sorted and no row of the table is visited.
alter table analytics.fact_attempt drop constraint fact_attempt_pkey;
alter table analytics.fact_attempt add constraint fact_attempt_pkey primary key (tenant, learner, skill, occurred, sequence) include (score, event_id);
create index fact_award_milestone on analytics.fact_award (tenant, learner, framework, milestone, sequence) include (kind, award, effective_at, expires_at);

create function analytics.passing(tenant text, cohort text, sequence bigint) returns table (skill text, passing_score numeric)
language sql stable rows 100 set jit = off as $$
  select distinct on (s.skill) s.skill, d.passing_score
    from analytics.judged_by($1, $2, $3) f
    join analytics.milestone_skill s on s.tenant = $1 and s.framework = f.framework and s.framework_version = f.framework_version
    join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version and d.milestone = s.milestone
    order by s.skill, d.level, d.milestone collate "C"
$$;
comment on function analytics.passing is 'The skills of the cohort''s framework, each with the passing score of the lowest milestone that has it.';

create or replace function analytics.members(tenant text, cohort text, sequence bigint) returns table (learner uuid) language sql stable rows 500 set jit = off as $$
  select last.learner from (
    select distinct on (m.learner) m.learner, m.kind from analytics.fact_membership m
      where m.tenant = $1 and m.cohort = $2 and m.sequence <= $3
      order by m.learner, m.occurred desc, m.sequence desc) last
    where last.kind = 'joined'
$$;

create function analytics.memberships(tenant text, cohort text, sequence bigint) returns table (learner uuid, joined timestamptz, ended timestamptz)
language sql stable rows 500 set jit = off set work_mem = '64MB' as $$
  select turn.learner, turn.occurred, turn.ended from (
    select m.learner, m.kind, m.occurred, lead(m.occurred) over (partition by m.learner order by m.occurred, m.sequence) as ended from (
      select f.learner, f.kind, f.occurred, f.sequence, lag(f.kind) over (partition by f.learner order by f.occurred, f.sequence) as before
        from analytics.fact_membership f where f.tenant = $1 and f.cohort = $2 and f.sequence <= $3) m
      where m.before is distinct from m.kind) turn
    where turn.kind = 'joined' and turn.ended is distinct from turn.occurred
$$;
comment on function analytics.memberships is
  'Intervals of belonging to a cohort: from joined, up to but not at ended (null: it has not ended). A learner may have several; they never overlap.';

create function analytics.milestones(tenant text, cohort text, sequence bigint) returns table (level int, milestone text)
language sql stable rows 10 set jit = off as $$
  select d.level, d.milestone from analytics.judged_by($1, $2, $3) f
    join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version
    order by d.level, d.milestone collate "C"
$$;
comment on function analytics.milestones is 'The milestones of the cohort''s framework.';

create function analytics.standing(tenant text, cohort text, sequence bigint)
returns table (learner uuid, skill text, passing_score numeric, attempts bigint, passes bigint, score_sum numeric,
  first_score numeric, best_score numeric, latest_score numeric, tries_to_pass bigint, passed_at timestamptz) language sql stable rows 20000 set jit = off set work_mem = '64MB' as $$
  with passing as materialized (select p.skill, p.passing_score from analytics.passing($1, $2, $3) p),
  member as materialized (select m.learner from analytics.members($1, $2, $3) m),
  voided as materialized (
    select v.attempt from member m cross join lateral (
      select f.attempt from analytics.fact_attempt_void f where f.tenant = $1 and f.learner = m.learner and f.sequence <= $3 offset 0) v)
  select m.learner, s.* from member m cross join lateral (
    select t.skill, max(t.passing_score), count(*), count(*) filter (where t.passes), sum(t.score),
        (array_agg(t.score))[1], max(t.score), (array_agg(t.score))[count(*)], array_position(array_agg(t.passes), true)::bigint,
        min(t.occurred) filter (where t.passes)
      from (
        select a.skill, p.passing_score, a.score, a.score >= p.passing_score as passes, a.occurred
          from analytics.fact_attempt a join passing p on p.skill = a.skill
          where a.tenant = $1 and a.learner = m.learner and a.sequence <= $3 and a.event_id not in (select v.attempt from voided v)
          order by a.skill, a.occurred, a.sequence) t
      group by t.skill) s
$$;
comment on function analytics.standing is
  'Where each member stands with each skill of the cohort''s framework they have tried, by unvoided attempts in the order of occurred, then sequence. '
  'passing_score: that of the lowest milestone that has the skill. tries_to_pass: which attempt passed first; null: none. passed_at: when that was.';

create function analytics.verdicts(tenant text, cohort text, sequence bigint)
returns table (learner uuid, evidence uuid, milestone text, skills text[], withdrawn boolean, submitted timestamptz, assessor text, decision text, reviewed timestamptz)
language sql stable rows 5000 set jit = off set work_mem = '64MB' as $$
  with member as materialized (select m.learner from analytics.members($1, $2, $3) m),
  item as materialized (
    select m.learner, e.evidence, e.milestone, e.skills, e.occurred, e.withdrawn from member m cross join lateral (
      select distinct on (h.evidence) h.evidence, h.milestone, h.skills, h.occurred, h.kind,
          bool_or(h.kind = 'withdrawn') over (partition by h.evidence) as withdrawn
        from analytics.fact_evidence h where h.tenant = $1 and h.learner = m.learner and h.sequence <= $3 order by h.evidence, h.kind, h.sequence) e
      where e.kind = 'submitted'),
  verdict as materialized (
    select m.learner, v.evidence, v.assessor, v.decision, v.occurred from member m cross join lateral (
      select distinct on (r.evidence, r.assessor) r.evidence, r.assessor, r.decision, r.occurred from analytics.fact_review r
        where r.tenant = $1 and r.learner = m.learner and r.sequence <= $3 order by r.evidence, r.assessor, r.sequence desc) v)
  select i.learner, i.evidence, i.milestone, i.skills, i.withdrawn, i.occurred, v.assessor, v.decision, v.occurred
    from item i left join verdict v on v.learner = i.learner and v.evidence = i.evidence
$$;
comment on function analytics.verdicts is
  'Evidence of members with the verdicts that stand, one row a verdict: an assessor''s later verdict, by sequence, replaces the earlier. Without a verdict one row with nulls.';

create function analytics.progress(tenant text, cohort text, sequence bigint)
returns table (learner uuid, milestone text, level int, entered boolean, meets_rule boolean, award text)
language sql stable rows 5000 set jit = off set work_mem = '64MB' as $$
  with by_framework as materialized (select j.framework, j.framework_version from analytics.judged_by($1, $2, $3) j),
  rule as materialized (
    select d.milestone, d.level, d.passing_score, d.counting, d.evidence_minimum, d.distinct_assessors, d.requires,
        array(select s.skill from analytics.milestone_skill s
          where s.tenant = $1 and s.framework = f.framework and s.framework_version = f.framework_version and s.milestone = d.milestone) as skills
      from by_framework f join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version),
  member as materialized (select m.learner from analytics.members($1, $2, $3) m),
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
  latest as materialized (
    select m.learner, a.milestone, a.kind from member m cross join by_framework f cross join lateral (
      select distinct on (w.milestone) w.milestone, w.kind from analytics.fact_award w
        where w.tenant = $1 and w.learner = m.learner and w.framework = f.framework and w.sequence <= $3 and w.kind not in ('flagged', 'affirmed')
        order by w.milestone, w.sequence desc) a),
  stands as materialized (
    select l.learner, array_agg(l.milestone) as milestones from latest l where l.kind in ('awarded', 'reinstated', 'renewed') group by l.learner)
  select m.learner, r.milestone, r.level, t.learner is not null or h.learner is not null,
      coalesce(t.passed, 0) = cardinality(r.skills) and r.requires <@ coalesce(s.milestones, '{}')
        and coalesce(h.items, 0) >= r.evidence_minimum and coalesce(h.assessors, 0) >= r.distinct_assessors
        and (cardinality(r.skills) > 0 or r.evidence_minimum > 0 or r.distinct_assessors > 0 or cardinality(r.requires) > 0),
      l.kind
    from member m cross join rule r
    left join tried t on t.learner = m.learner and t.milestone = r.milestone
    left join handed_in h on h.learner = m.learner and h.milestone = r.milestone
    left join latest l on l.learner = m.learner and l.milestone = r.milestone
    left join stands s on s.learner = m.learner
$$;
comment on function analytics.progress is
  'Every member by every milestone of the cohort''s framework. entered: has an unvoided attempt at, or evidence for, a skill of it (evidence that names a milestone counts there '
  'alone). meets_rule: as the ledger judges it. award: the latest event of its award but flags and affirmations, whatever framework version granted it; null: there never was one.';

drop function analytics.funnel(text, text, bigint);
create function analytics.funnel(tenant text, cohort text, sequence bigint)
returns table (level int, milestone text, members bigint, entered bigint, in_progress bigint, eligible bigint, awarded bigint, suspended bigint, revoked bigint, expired bigint)
language sql stable rows 10 set jit = off set work_mem = '64MB' as $$
  select d.level, d.milestone, count(p.learner), count(*) filter (where p.entered), count(*) filter (where p.entered and p.award is null),
      count(*) filter (where p.meets_rule and p.award is null),
      count(*) filter (where p.award in ('awarded', 'reinstated', 'renewed')), count(*) filter (where p.award = 'suspended'),
      count(*) filter (where p.award = 'revoked'), count(*) filter (where p.award = 'expired')
    from analytics.judged_by($1, $2, $3) f
    join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version
    left join analytics.progress($1, $2, $3) p on p.milestone = d.milestone
    group by d.level, d.milestone
    order by d.level, d.milestone collate "C"
$$;
comment on function analytics.funnel is
  'Members by milestone, see progress. in_progress: entered and without any award of it ever. eligible: those who meet its rule and never had an award of it; they wait for the '
  'policy or for a person. awarded, suspended, revoked, expired: where the latest award stands.';

create function analytics.durations(tenant text, cohort text, sequence bigint, at timestamptz, milestone text)
returns table (learner uuid, joined timestamptz, days numeric, awarded boolean) language sql stable rows 500 set jit = off set work_mem = '64MB' as $$
  select p.learner, p.joined,
      round(extract(epoch from case when a.effective_at <= p.watched then a.effective_at else p.watched end - p.joined) / 86400, 6),
      coalesce(a.effective_at <= p.watched, false)
    from (
      select m.learner, min(m.joined) as joined, least(case when bool_or(m.ended is null) then $4 else max(m.ended) end, $4) as watched
        from analytics.memberships($1, $2, $3) m where m.joined <= $4 group by m.learner) p
    cross join analytics.judged_by($1, $2, $3) f
    left join lateral (
      select min(w.effective_at) as effective_at from analytics.fact_award w
        where w.tenant = $1 and w.learner = p.learner and w.framework = f.framework and w.milestone = $5 and w.kind = 'awarded' and w.sequence <= $3) a on true
$$;
comment on function analytics.durations is
  'Everybody who ever belonged to the cohort: days from first joining until the first award of the milestone takes effect (awarded), else until they were last watched, '
  'which is the time asked for or, earlier, when they left for good. Negative days: awarded before they joined; such a learner never waited for it.';

drop function analytics.skills(text, text, bigint);
create function analytics.skills(tenant text, cohort text, sequence bigint)
returns table (skill text, passing_score numeric, attempts bigint, learners bigint, passes bigint, first_passes bigint, passed bigint, score_sum numeric,
  first_sum numeric, first_squares numeric, tries bigint[], pass_rate numeric, first_try_rate numeric, mean_score numeric,
  rest_yes bigint, rest_sum_yes numeric, rest_no bigint, rest_sum_no numeric, rest_squares numeric) language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  with member as materialized (
    select s.*, (s.first_score >= s.passing_score)::int as first_pass from analytics.standing($1, $2, $3) s),
  rest as materialized (
    select m.skill, m.first_pass, round((t.passes - m.first_pass)::numeric / (t.skills - 1), 12) as rest from member m join (
      select learner, sum(first_pass) as passes, count(*) as skills from member group by learner having count(*) > 1) t on t.learner = m.learner),
  rests as materialized (
    select skill, count(*) filter (where first_pass = 1) as yes, coalesce(sum(rest) filter (where first_pass = 1), 0) as sum_yes,
        count(*) filter (where first_pass = 0) as no, coalesce(sum(rest) filter (where first_pass = 0), 0) as sum_no, sum(rest * rest) as squares
      from rest group by skill),
  figures as materialized (
    select m.skill, sum(m.attempts)::bigint as attempts, count(*) as learners, sum(m.passes)::bigint as passes, sum(m.first_pass)::bigint as first_passes,
        count(m.passed_at) as passed, sum(m.score_sum) as score_sum, sum(m.first_score) as first_sum, sum(m.first_score * m.first_score) as first_squares,
        array_agg(coalesce(m.tries_to_pass, -m.attempts) order by coalesce(m.tries_to_pass, -m.attempts)) as tries
      from member m group by m.skill)
  select p.skill, p.passing_score, coalesce(g.attempts, 0), coalesce(g.learners, 0), coalesce(g.passes, 0), coalesce(g.first_passes, 0), coalesce(g.passed, 0),
      coalesce(g.score_sum, 0), coalesce(g.first_sum, 0), coalesce(g.first_squares, 0), coalesce(g.tries, '{}'),
      trim_scale(round(g.passes::numeric / g.attempts, 12)), trim_scale(round(g.first_passes::numeric / g.learners, 12)), trim_scale(round(g.score_sum / g.attempts, 12)),
      coalesce(r.yes, 0), coalesce(r.sum_yes, 0), coalesce(r.no, 0), coalesce(r.sum_no, 0), coalesce(r.squares, 0)
    from analytics.passing($1, $2, $3) p
    left join figures g on g.skill = p.skill left join rests r on r.skill = p.skill
    order by 12 nulls last, p.skill collate "C"
$$;
comment on function analytics.skills is
  'Unvoided attempts of members at each skill of the cohort''s framework, hardest first. pass_rate: share of attempts at or above the passing score of the lowest milestone '
  'that has the skill. first_passes, first_try_rate: learners whose first attempt passes. passed: learners with any that does. first_sum, first_squares: over first scores. '
  'tries: for each learner which attempt passed first, or less 0 how many have not. Rates and mean to 12 decimals; null without attempts. rest_*: for the discrimination, '
  'over learners with other skills: the share of these they passed at first try, summed by whether they passed this one at first try.';

create function analytics.mastery(tenant text, cohort text, sequence bigint) returns table (learner uuid, skill text, attempts bigint, best_score numeric, passed boolean)
language sql stable rows 20000 set jit = off set work_mem = '64MB' as $$
  select s.learner, s.skill, s.attempts, s.best_score, s.passed_at is not null from analytics.standing($1, $2, $3) s order by s.learner, s.skill collate "C"
$$;
comment on function analytics.mastery is 'Members by the skills they tried, for a heat map; who is not there has not tried the skill.';

create function analytics.mastery_by_skill(tenant text, cohort text, sequence bigint) returns table (skill text, tried bigint, passed bigint)
language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  select p.skill, count(s.learner), count(s.passed_at)
    from analytics.passing($1, $2, $3) p left join analytics.standing($1, $2, $3) s on s.skill = p.skill group by p.skill order by p.skill collate "C"
$$;
comment on function analytics.mastery_by_skill is 'Every skill of the cohort''s framework: how many members tried it, and how many passed it.';

create function analytics.assessors(tenant text, cohort text, sequence bigint)
returns table (assessor text, reviews bigint, learners bigint, accepted bigint, median_hours numeric) language sql stable rows 10 set jit = off set work_mem = '64MB' as $$
  select v.assessor, count(*), count(distinct v.learner), count(*) filter (where v.decision = 'accepted'),
      round(percentile_disc(0.5) within group (order by extract(epoch from v.reviewed - v.submitted)) / 3600, 6)
    from analytics.verdicts($1, $2, $3) v where v.decision is not null group by v.assessor order by v.assessor collate "C"
$$;
comment on function analytics.assessors is
  'Who judged evidence of members. reviews: verdicts that stand. learners: whose evidence. median_hours: from handing in to the verdict, both as occurred; the lower middle one.';

create function analytics.agreement(tenant text, cohort text, sequence bigint)
returns table (assessor text, other text, learners bigint, both_accepted bigint, only_assessor bigint, only_other bigint, both_rejected bigint) language sql stable rows 50 set jit = off set work_mem = '64MB' as $$
  with verdict as materialized (select v.learner, v.evidence, v.assessor, v.decision from analytics.verdicts($1, $2, $3) v where v.decision is not null)
  select a.assessor, b.assessor, count(distinct a.learner), count(*) filter (where a.decision = 'accepted' and b.decision = 'accepted'),
      count(*) filter (where a.decision = 'accepted' and b.decision = 'rejected'), count(*) filter (where a.decision = 'rejected' and b.decision = 'accepted'),
      count(*) filter (where a.decision = 'rejected' and b.decision = 'rejected')
    from verdict a join verdict b on b.learner = a.learner and b.evidence = a.evidence and b.assessor collate "C" > a.assessor collate "C"
    group by a.assessor, b.assessor order by a.assessor collate "C", b.assessor collate "C"
$$;
comment on function analytics.agreement is 'Evidence of members that two assessors judged, by their verdicts; learners: whose evidence.';

create function analytics.ratings(tenant text, cohort text, sequence bigint) returns table (accepted int, rejected int, items bigint, learners bigint)
language sql stable rows 10 set jit = off set work_mem = '64MB' as $$
  select i.accepted, i.rejected, count(*), count(distinct i.learner) from (
    select v.learner, v.evidence, (count(*) filter (where v.decision = 'accepted'))::int as accepted, (count(*) filter (where v.decision = 'rejected'))::int as rejected
      from analytics.verdicts($1, $2, $3) v where v.decision is not null group by v.learner, v.evidence) i
    group by i.accepted, i.rejected order by i.accepted, i.rejected
$$;
comment on function analytics.ratings is 'Judged evidence of members, by how many assessors accepted and rejected it.';

create function analytics.trends(tenant text, cohort text, sequence bigint)
returns table (week date, attempts bigint, learners bigint, evidence bigint, awarded bigint, joined bigint, ended bigint) language sql stable rows 50 set jit = off set work_mem = '64MB' as $$
  with spell as materialized (select m.learner, m.joined, m.ended from analytics.memberships($1, $2, $3) m),
  voided as materialized (
    select v.attempt from spell m cross join lateral (
      select f.attempt from analytics.fact_attempt_void f where f.tenant = $1 and f.learner = m.learner and f.sequence <= $3 offset 0) v),
  happened as materialized (
    select a.week, a.attempts, 0 as evidence, 0 as awarded, 0 as joined, 0 as ended, m.learner from spell m cross join lateral (
      select date_trunc('week', t.occurred, 'UTC')::date as week, count(*) as attempts from analytics.fact_attempt t
        where t.tenant = $1 and t.learner = m.learner and t.sequence <= $3 and t.occurred >= m.joined and (m.ended is null or t.occurred < m.ended)
          and t.event_id not in (select v.attempt from voided v)
        group by 1) a
    union all
    select date_trunc('week', e.occurred, 'UTC')::date, 0, 1, 0, 0, 0, m.learner from spell m cross join lateral (
      select h.occurred from analytics.fact_evidence h
        where h.tenant = $1 and h.learner = m.learner and h.kind = 'submitted' and h.sequence <= $3 and h.occurred >= m.joined and (m.ended is null or h.occurred < m.ended) offset 0) e
    union all
    select date_trunc('week', w.effective_at, 'UTC')::date, 0, 0, 1, 0, 0, null from spell m cross join analytics.judged_by($1, $2, $3) f cross join lateral (
      select g.effective_at from analytics.fact_award g
        where g.tenant = $1 and g.learner = m.learner and g.framework = f.framework and g.kind = 'awarded' and g.sequence <= $3
          and g.effective_at >= m.joined and (m.ended is null or g.effective_at < m.ended) offset 0) w
    union all
    select date_trunc('week', m.joined, 'UTC')::date, 0, 0, 0, 1, 0, null from spell m
    union all
    select date_trunc('week', m.ended, 'UTC')::date, 0, 0, 0, 0, 1, null from spell m where m.ended is not null)
  select h.week, sum(h.attempts)::bigint, count(distinct h.learner), sum(h.evidence)::bigint, sum(h.awarded)::bigint, sum(h.joined)::bigint, sum(h.ended)::bigint
    from happened h group by h.week order by h.week
$$;
comment on function analytics.trends is
  'What happened in each week (its Monday, UTC, by occurred) while those it happened to belonged to the cohort: unvoided attempts, learners who tried or handed in something, '
  'evidence, awards that took effect, joins and ends of memberships. Weeks in which nothing happened are left out.';

create function analytics.stuck(tenant text, cohort text, sequence bigint, at timestamptz, days int)
returns table (learner uuid, milestone text, level int, last_progress timestamptz, idle_days numeric, skill text, attempts bigint, best_score numeric)
language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  with by_framework as materialized (select j.framework, j.framework_version from analytics.judged_by($1, $2, $3) j),
  member as materialized (select m.learner, m.joined from analytics.memberships($1, $2, $3) m where m.joined <= $4 and (m.ended is null or m.ended > $4)),
  stands as materialized (select s.* from analytics.standing($1, $2, $3) s),
  passed as materialized (select s.learner, max(s.passed_at) as passed_at from stands s group by s.learner),
  verdict as materialized (select v.learner, max(v.reviewed) as reviewed from analytics.verdicts($1, $2, $3) v where v.decision = 'accepted' group by v.learner),
  had as materialized (
    select m.learner, w.milestone, min(w.effective_at) as effective_at from member m cross join by_framework f cross join lateral (
      select g.milestone, g.effective_at from analytics.fact_award g
        where g.tenant = $1 and g.learner = m.learner and g.framework = f.framework and g.kind = 'awarded' and g.sequence <= $3 offset 0) w
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
comment on function analytics.stuck is
  'Members without progress for at least so many days at a time, longest first. Progress: joining, passing a skill for the first time, an accepted verdict, an award taking effect. '
  'milestone: the lowest they never had an award of. skill: the one of it that is not passed and was tried most; null: all are passed, it waits for evidence or a decision.';

create function analytics.expiring(tenant text, cohort text, sequence bigint, at timestamptz, days int)
returns table (learner uuid, award uuid, milestone text, level int, expires_at timestamptz) language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  select m.learner, a.award, a.milestone, d.level, a.expires_at
    from analytics.members($1, $2, $3) m cross join analytics.judged_by($1, $2, $3) f
    cross join lateral (
      select distinct on (w.award) w.award, w.milestone, w.kind, (
          select e.expires_at from analytics.fact_award e
            where e.tenant = $1 and e.learner = m.learner and e.framework = f.framework and e.milestone = w.milestone and e.award = w.award
              and e.kind in ('awarded', 'renewed') and e.sequence <= $3 order by e.sequence desc limit 1) as expires_at
        from analytics.fact_award w
        where w.tenant = $1 and w.learner = m.learner and w.framework = f.framework and w.sequence <= $3 and w.kind not in ('flagged', 'affirmed')
        order by w.award, w.sequence desc) a
    left join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version and d.milestone = a.milestone
    where a.kind in ('awarded', 'reinstated', 'renewed') and a.expires_at > $4 and a.expires_at <= $4 + make_interval(days => $5)
    order by a.expires_at, m.learner, a.award
$$;
comment on function analytics.expiring is 'Standing awards of members that end within so many days after a time, soonest first. level: null where the cohort''s framework version has no such milestone.';
