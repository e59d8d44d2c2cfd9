-- Questions about a cohort, as functions of (tenant, cohort, sequence): the HTTP API, the pages and psql give the same numbers.
-- They read member by member through the primary keys, so that their cost grows with the cohort and not with the ledger.

create function analytics.members(tenant text, cohort text, sequence bigint) returns table (learner uuid) language sql stable as $$
  select last.learner from (
    select distinct on (m.learner) m.learner, m.kind from analytics.fact_membership m
      where m.tenant = $1 and m.cohort = $2 and m.sequence <= $3
      order by m.learner, m.occurred desc, m.sequence desc) last
    where last.kind = 'joined'
$$;
comment on function analytics.members is 'Who belongs to a cohort: whose last move, by occurred, then sequence, is a join.';

create function analytics.judged_by(tenant text, cohort text, sequence bigint) returns table (framework text, framework_version int) language sql stable as $$
  select c.framework, coalesce(c.framework_version,
      (select max(f.framework_version) from analytics.dim_framework f where f.tenant = $1 and f.framework = c.framework and f.sequence <= $3))
    from analytics.dim_cohort c where c.tenant = $1 and c.cohort = $2 and c.sequence <= $3
$$;
comment on function analytics.judged_by is 'The framework version a cohort is looked at by: the one it pins, else the latest published by then. No row: the cohort was not open by then.';

create function analytics.funnel(tenant text, cohort text, sequence bigint)
returns table (level int, milestone text, members bigint, entered bigint, in_progress bigint, awarded bigint, suspended bigint, revoked bigint, expired bigint)
language sql stable as $$
  with by_framework as materialized (
    select j.framework, j.framework_version from analytics.judged_by($1, $2, $3) j),
  member as materialized (
    select m.learner from analytics.members($1, $2, $3) m),
  part as materialized (
    select s.milestone, s.skill from by_framework f join analytics.milestone_skill s
      on s.tenant = $1 and s.framework = f.framework and s.framework_version = f.framework_version),
  tried as materialized (
    select m.learner, a.skill from member m cross join lateral (
      select distinct t.skill from analytics.fact_attempt t
        where t.tenant = $1 and t.learner = m.learner and t.sequence <= $3
          and not exists (select from analytics.fact_attempt_void v
            where v.tenant = $1 and v.learner = t.learner and v.attempt = t.event_id and v.sequence <= $3)) a),
  handed_in as materialized (
    select m.learner, e.milestone, e.skills from member m cross join lateral (
      select h.milestone, h.skills from analytics.fact_evidence h
        where h.tenant = $1 and h.learner = m.learner and h.kind = 'submitted' and h.sequence <= $3 offset 0) e),
  entry as materialized (
    select t.learner, p.milestone from tried t join part p on p.skill = t.skill
    union
    select h.learner, p.milestone from handed_in h join part p on p.milestone = h.milestone or (h.milestone is null and p.skill = any (h.skills))),
  standing as materialized (
    select m.learner, a.milestone, a.kind from member m cross join by_framework f cross join lateral (
      select distinct on (w.milestone) w.milestone, w.kind from analytics.fact_award w
        where w.tenant = $1 and w.learner = m.learner and w.framework = f.framework and w.sequence <= $3 and w.kind not in ('flagged', 'affirmed')
        order by w.milestone, w.sequence desc) a)
  select d.level, d.milestone, (select count(*) from member),
      (select count(*) from entry e where e.milestone = d.milestone),
      (select count(*) from entry e where e.milestone = d.milestone
        and not exists (select from standing s where s.learner = e.learner and s.milestone = d.milestone)),
      count(*) filter (where s.kind in ('awarded', 'reinstated', 'renewed')),
      count(*) filter (where s.kind = 'suspended'),
      count(*) filter (where s.kind = 'revoked'),
      count(*) filter (where s.kind = 'expired')
    from by_framework f
    join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version
    left join standing s on s.milestone = d.milestone
    group by d.level, d.milestone
    order by d.level, d.milestone collate "C"
$$;
comment on function analytics.funnel is
  'Members by milestone. entered: has an unvoided attempt at, or evidence for, a skill of the milestone (evidence that names a milestone counts there alone). '
  'awarded, suspended, revoked, expired: where the latest award of the milestone stands, whatever framework version granted it. '
  'in_progress: entered and without any award of it ever.';

create function analytics.skills(tenant text, cohort text, sequence bigint)
returns table (skill text, attempts bigint, learners bigint, pass_rate numeric, first_try_rate numeric, mean_score numeric) language sql stable as $$
  with passing as materialized (
    select distinct on (s.skill) s.skill, d.passing_score
      from analytics.judged_by($1, $2, $3) f
      join analytics.milestone_skill s on s.tenant = $1 and s.framework = f.framework and s.framework_version = f.framework_version
      join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version and d.milestone = s.milestone
      order by s.skill, d.level, d.milestone collate "C"),
  attempt as materialized (
    select m.learner, a.skill, a.score, a.nth from analytics.members($1, $2, $3) m cross join lateral (
      select t.skill, t.score, row_number() over (partition by t.skill order by t.occurred, t.sequence) as nth from analytics.fact_attempt t
        where t.tenant = $1 and t.learner = m.learner and t.sequence <= $3
          and not exists (select from analytics.fact_attempt_void v
            where v.tenant = $1 and v.learner = t.learner and v.attempt = t.event_id and v.sequence <= $3)) a)
  select p.skill, count(a.learner), count(distinct a.learner),
      trim_scale(round(avg((a.score >= p.passing_score)::int), 12)),
      trim_scale(round(avg((a.score >= p.passing_score)::int) filter (where a.nth = 1), 12)),
      trim_scale(round(avg(a.score), 12))
    from passing p left join attempt a on a.skill = p.skill
    group by p.skill
    order by 4 nulls last, p.skill collate "C"
$$;
comment on function analytics.skills is
  'Unvoided attempts of members at each skill of the cohort''s framework, hardest first. pass_rate: share at or above the passing score of the lowest milestone '
  'that has the skill. first_try_rate: share of learners whose first attempt, by occurred, then sequence, passes. Rates and mean to 12 decimals; null without attempts.';
