-- The same answers at less cost: what was read or worked out several times is so once.

-- Where nobody is linked nothing is looked up for each member.
create or replace function analytics.people(tenant text, cohort text, sequence bigint) returns table (learner uuid, streams uuid[])
language sql stable rows 500 set jit = off as $$
  select last.learner,
      case when (select exists (select from analytics.fact_link k where k.tenant = $1)) then array(select s.stream from analytics.streams($1, last.learner, $3) s) else array[last.learner] end
    from (
      select distinct on (m.learner) m.learner, m.kind from analytics.moves($1, $2, $3) m order by m.learner, m.occurred desc, m.sequence desc) last
    where last.kind = 'joined'
$$;

create or replace function analytics.moves(tenant text, cohort text, sequence bigint) returns table (learner uuid, kind text, occurred timestamptz, sequence bigint)
language sql stable rows 500 as $$
  select coalesce(l.other, m.learner), m.kind, m.occurred, m.sequence
    from analytics.fact_membership m
    left join lateral (
      select k.other, k.kind from analytics.fact_link k
        where k.tenant = $1 and k.learner = m.learner and not k.leads and k.sequence <= $3 order by k.sequence desc limit 1) l
      on (select exists (select from analytics.fact_link k where k.tenant = $1)) and l.kind = 'linked' and 'linked' = (
        select k.kind from analytics.fact_link k
          where k.tenant = $1 and k.learner = l.other and k.other = m.learner and k.leads and k.sequence <= $3 order by k.sequence desc limit 1)
    where m.tenant = $1 and m.cohort = $2 and m.sequence <= $3
$$;

-- Standings are read once, not once for each milestone: there are many, and few skills that count. Milestones have numbers, which are sorted sooner than their names.
create or replace function analytics.progress(tenant text, cohort text, sequence bigint)
returns table (learner uuid, milestone text, level int, entered boolean, meets_rule boolean, award text)
language sql stable rows 5000 set jit = off set work_mem = '64MB' as $$
  with by_framework as materialized (select j.framework, j.framework_version from analytics.judged_by($1, $2, $3) j),
  rule as materialized (
    select row_number() over () as number, d.milestone, d.level, d.passing_score, d.counting, d.evidence_minimum, d.distinct_assessors, d.requires,
        array(select s.skill from analytics.milestone_skill s
          where s.tenant = $1 and s.framework = f.framework and s.framework_version = f.framework_version and s.milestone = d.milestone) as skills
      from by_framework f join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version),
  counted as materialized (select r.number, r.counting, r.passing_score, k.skill from rule r cross join lateral unnest(r.skills) as k (skill)),
  tried as materialized (
    select s.learner, p.number, count(*) filter (
        where case p.counting when 'latest' then s.latest_score when 'first' then s.first_score else s.best_score end >= p.passing_score) as passed
      from analytics.standing($1, $2, $3) s join counted p on p.skill = s.skill
      group by s.learner, p.number),
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
    left join tried t on t.learner = m.learner and t.number = r.number
    left join handed_in h on h.learner = m.learner and h.milestone = r.milestone
    left join latest l on l.learner = m.learner and l.milestone = r.milestone
    left join stands s on s.learner = m.learner
$$;

-- What a member's first tries of the other skills come to is one of two shares, by how this one went: both are worked out once for each member.
create or replace function analytics.skills(tenant text, cohort text, sequence bigint)
returns table (skill text, passing_score numeric, attempts bigint, learners bigint, passes bigint, first_passes bigint, passed bigint, score_sum numeric,
  first_sum numeric, first_squares numeric, tries bigint[], pass_rate numeric, first_try_rate numeric, mean_score numeric,
  rest_yes bigint, rest_sum_yes numeric, rest_no bigint, rest_sum_no numeric, rest_squares numeric) language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  with member as materialized (
    select s.learner, s.skill, s.attempts, s.passes, s.score_sum, s.first_score, s.tries_to_pass, coalesce(s.tries_to_pass = 1, false) as first_pass
      from analytics.standing($1, $2, $3) s),
  rest as materialized (
    select r.learner, r.yes, r.no, r.yes * r.yes as yes_squared, r.no * r.no as no_squared from (
      select t.learner, round((t.passes - 1)::numeric / (t.skills - 1), 12) as yes, round(t.passes::numeric / (t.skills - 1), 12) as no from (
        select m.learner, count(*) filter (where m.first_pass) as passes, count(*) as skills from member m group by m.learner having count(*) > 1) t) r),
  figures as materialized (
    select m.skill, sum(m.attempts)::bigint as attempts, count(*) as learners, sum(m.passes)::bigint as passes, count(*) filter (where m.first_pass) as first_passes,
        count(m.tries_to_pass) as passed, sum(m.score_sum) as score_sum, sum(m.first_score) as first_sum, sum(m.first_score * m.first_score) as first_squares,
        array_agg(coalesce(m.tries_to_pass, -m.attempts)) as tries,
        count(r.yes) filter (where m.first_pass) as rest_yes, sum(r.yes) filter (where m.first_pass) as rest_sum_yes,
        count(r.no) filter (where not m.first_pass) as rest_no, sum(r.no) filter (where not m.first_pass) as rest_sum_no,
        sum(case when m.first_pass then r.yes_squared else r.no_squared end) as rest_squares
      from member m left join rest r on r.learner = m.learner group by m.skill)
  select p.skill, p.passing_score, coalesce(g.attempts, 0), coalesce(g.learners, 0), coalesce(g.passes, 0), coalesce(g.first_passes, 0), coalesce(g.passed, 0),
      coalesce(g.score_sum, 0), coalesce(g.first_sum, 0), coalesce(g.first_squares, 0), array(select t from unnest(g.tries) t order by t),
      trim_scale(round(g.passes::numeric / g.attempts, 12)), trim_scale(round(g.first_passes::numeric / g.learners, 12)), trim_scale(round(g.score_sum / g.attempts, 12)),
      coalesce(g.rest_yes, 0), coalesce(g.rest_sum_yes, 0), coalesce(g.rest_no, 0), coalesce(g.rest_sum_no, 0), coalesce(g.rest_squares, 0)
    from analytics.passing($1, $2, $3) p left join figures g on g.skill = p.skill
    order by 12 nulls last, p.skill collate "C"
$$;
