-- What the funnel, the skills and the comparison ask of each member is kept beside where they stand.
-- It is filled by keep_standings alone, so it begins empty; what is kept may be thrown away at any time.
truncate analytics.kept_standing, analytics.kept_standing_skill;
alter table analytics.kept_standing
  add column milestones text[] not null default '{}', add column passed int[] not null default '{}',
  add column skills text[] not null default '{}', add column first_scores numeric[] not null default '{}', add column passed_at timestamptz,
  add column rest_passed bigint, add column rest_failed bigint, add column rest_passed_square numeric, add column rest_failed_square numeric;
comment on column analytics.kept_standing.milestones is 'Codes of the milestones of which they tried a skill.';
comment on column analytics.kept_standing.passed is 'For each of these, how many of its skills they have passed by its rule.';
comment on column analytics.kept_standing.skills is 'Codes of the skills they tried, as in kept_standing_skill.';
comment on column analytics.kept_standing.first_scores is 'For each of these, the score of the first attempt, 0 to 1.';
comment on column analytics.kept_standing.passed_at is 'When they last passed a skill for the first time; null: never.';
comment on column analytics.kept_standing.rest_passed is
  'Share of their other skills that they passed at first try, seen from one they passed at first try: 0 to 1, to twelve decimals, times 1e12; null: there is no other, or no such one.';
comment on column analytics.kept_standing.rest_failed is 'As that, seen from a skill they did not pass at first try.';
comment on column analytics.kept_standing.rest_passed_square is 'Square of the share of rest_passed, 0 to 1.';
comment on column analytics.kept_standing.rest_failed_square is 'Square of the share of rest_failed, 0 to 1.';

-- Where nobody is linked nothing is looked up for each member: the condition stands where it is asked once, before the rows and not after.
create or replace function analytics.moves(tenant text, cohort text, sequence bigint) returns table (learner uuid, kind text, occurred timestamptz, sequence bigint)
language sql stable rows 500 as $$
  select coalesce(l.other, m.learner), m.kind, m.occurred, m.sequence
    from analytics.fact_membership m
    left join lateral (
      select k.other, k.kind from analytics.fact_link k
        where (select exists (select from analytics.fact_link a where a.tenant = $1))
          and k.tenant = $1 and k.learner = m.learner and not k.leads and k.sequence <= $3 order by k.sequence desc limit 1) l
      on l.kind = 'linked' and 'linked' = (
        select k.kind from analytics.fact_link k
          where k.tenant = $1 and k.learner = l.other and k.other = m.learner and k.leads and k.sequence <= $3 order by k.sequence desc limit 1)
    where m.tenant = $1 and m.cohort = $2 and m.sequence <= $3
$$;

-- Every question asks it several times, and to plan it takes longer than to answer it.
create or replace function analytics.people(tenant text, cohort text, sequence bigint) returns table (learner uuid, streams uuid[])
language plpgsql stable rows 500 set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query select last.learner,
      case when (select exists (select from analytics.fact_link k where k.tenant = $1)) then array(select s.stream from analytics.streams($1, last.learner, $3) s) else array[last.learner] end
    from (
      select distinct on (m.learner) m.learner, m.kind from analytics.moves($1, $2, $3) m order by m.learner, m.occurred desc, m.sequence desc) last
    where last.kind = 'joined';
end
$$;

create function analytics.counting_score(counting text, first_score numeric, best_score numeric, latest_score numeric) returns numeric language sql immutable as $$
  select case $1 when 'latest' then $4 when 'first' then $2 else $3 end
$$;
comment on function analytics.counting_score is 'The one of these scores that a milestone counts by.';

create function analytics.counted_skills(tenant text, framework text, framework_version int)
returns table (milestone text, skill text, counting text, passing_score numeric) language sql stable rows 100 as $$
  select d.milestone, s.skill, d.counting, d.passing_score
    from analytics.dim_milestone d join analytics.milestone_skill s
      on s.tenant = d.tenant and s.framework = d.framework and s.framework_version = d.framework_version and s.milestone = d.milestone
    where d.tenant = $1 and d.framework = $2 and d.framework_version = $3
$$;
comment on function analytics.counted_skills is 'The skills of each milestone of a framework version, with what its rule says of them.';

-- Whole numbers are added up in a third of the time.
create function analytics.rest_share(passes bigint, skills bigint) returns bigint language sql immutable as $$
  select case when $2 > 1 and $1 >= 0 then (round($1::numeric / ($2 - 1), 12) * 1000000000000)::bigint end
$$;
comment on function analytics.rest_share is 'Share of the skills but one: 0 to 1, to twelve decimals, times 1e12; null: there is no other, or no such one.';

create function analytics.square_of_share(share bigint) returns numeric language sql immutable as $$
  select ($1 * 0.000000000001) * ($1 * 0.000000000001)
$$;
comment on function analytics.square_of_share is 'Square of a share that is given times 1e12.';

create function analytics.kept(tenant text, cohort text, sequence bigint)
returns table (learner uuid, framework text, framework_version int, milestones text[], passed int[],
  skills text[], first_scores numeric[], passed_at timestamptz, rest_passed bigint, rest_failed bigint, rest_passed_square numeric, rest_failed_square numeric) language sql stable rows 500 as $$
  with judged as materialized (select j.framework, j.framework_version from analytics.judged_by($1, $2, $3) j)
  select v.learner, v.framework, v.framework_version, v.milestones, v.passed, v.skills, v.first_scores,
      v.passed_at, v.rest_passed, v.rest_failed, v.rest_passed_square, v.rest_failed_square
    from analytics.people($1, $2, $3) p cross join judged f join analytics.kept_standing v
      on v.tenant = $1 and v.framework = f.framework and v.framework_version = f.framework_version and v.learner = p.learner
        and v.from_sequence <= $3 and (v.to_sequence is null or v.to_sequence > $3)
    where cardinality(p.streams) = 1
$$;
comment on function analytics.kept is 'Members whose standing at that sequence is kept.';

create or replace function analytics.standing_anew(tenant text, cohort text, sequence bigint, learners uuid[])
returns table (learner uuid, skill text, passing_score numeric, attempts bigint, passes bigint, score_sum numeric,
  first_score numeric, best_score numeric, latest_score numeric, tries_to_pass bigint, passed_at timestamptz) language sql stable rows 20000 as $$
  with passing as materialized (select p.skill, p.passing_score from analytics.passing($1, $2, $3) p),
  judged as materialized (select j.framework, j.framework_version from analytics.judged_by($1, $2, $3) j),
  person as materialized (
    select p.learner, p.streams from analytics.people($1, $2, $3) p cross join judged f
      left join analytics.kept_standing k
        on k.tenant = $1 and k.framework = f.framework and k.framework_version = f.framework_version and k.learner = p.learner
          and k.from_sequence <= $3 and (k.to_sequence is null or k.to_sequence > $3) and cardinality(p.streams) = 1
      where case when $4 is not null then p.learner = any ($4) else k.learner is null end),
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

create or replace function analytics.standing(tenant text, cohort text, sequence bigint)
returns table (learner uuid, skill text, passing_score numeric, attempts bigint, passes bigint, score_sum numeric,
  first_score numeric, best_score numeric, latest_score numeric, tries_to_pass bigint, passed_at timestamptz) language sql stable rows 20000 as $$
  select k.learner, s.skill, s.passing_score, s.attempts, s.passes, s.score_sum, s.first_score, s.best_score, s.latest_score, s.tries_to_pass, s.passed_at
    from analytics.kept($1, $2, $3) k cross join lateral (
      select s.skill, s.passing_score, s.attempts, s.passes, s.score_sum, s.first_score, s.best_score, s.latest_score, s.tries_to_pass, s.passed_at
        from analytics.kept_standing_skill s
        where s.tenant = $1 and s.framework = k.framework and s.framework_version = k.framework_version and s.learner = k.learner offset 0) s
  union all
  select n.learner, n.skill, n.passing_score, n.attempts, n.passes, n.score_sum, n.first_score, n.best_score, n.latest_score, n.tries_to_pass, n.passed_at
    from analytics.standing_anew($1, $2, $3, null) n
$$;

create function analytics.tried(tenant text, cohort text, sequence bigint) returns table (learner uuid, milestone text, passed int) language sql stable rows 5000 as $$
  select k.learner, m.milestone, m.passed
    from analytics.kept($1, $2, $3) k cross join lateral unnest(k.milestones, k.passed) as m (milestone, passed)
  union all
  select n.learner, c.milestone, (count(*) filter (where analytics.counting_score(c.counting, n.first_score, n.best_score, n.latest_score) >= c.passing_score))::int
    from analytics.standing_anew($1, $2, $3, null) n
    join (
      select c.milestone, c.skill, c.counting, c.passing_score
        from analytics.judged_by($1, $2, $3) f cross join lateral analytics.counted_skills($1, f.framework, f.framework_version) c) c on c.skill = n.skill
    group by n.learner, c.milestone
$$;
comment on function analytics.tried is 'Members by the milestones of which they tried a skill, and how many of its skills they have passed by its rule.';

-- Keeps the standing of members who rest, of a thousand at most: it reads no further than is projected, and holds off the projection meanwhile.
create or replace procedure analytics.keep_standings(tenant text, cohort text, resting bigint) language plpgsql set jit = off set work_mem = '64MB' as $$
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
      on conflict (tenant, framework, framework_version, learner) do update set from_sequence = excluded.from_sequence, to_sequence = null,
        milestones = excluded.milestones, passed = excluded.passed, skills = excluded.skills, first_scores = excluded.first_scores,
        passed_at = excluded.passed_at, rest_passed = excluded.rest_passed, rest_failed = excluded.rest_failed,
        rest_passed_square = excluded.rest_passed_square, rest_failed_square = excluded.rest_failed_square
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
  with stands as materialized (
    select s.learner, s.skill, s.first_score, s.best_score, s.latest_score, s.tries_to_pass, s.passed_at from analytics.kept_standing_skill s
      where s.tenant = $1 and s.framework = judged.framework and s.framework_version = judged.framework_version and s.learner = any (rest)),
  milestone as (
    select m.learner, array_agg(m.milestone) as milestones, array_agg(m.passed) as passed from (
      select s.learner, c.milestone, (count(*) filter (where analytics.counting_score(c.counting, s.first_score, s.best_score, s.latest_score) >= c.passing_score))::int as passed
        from stands s join analytics.counted_skills($1, judged.framework, judged.framework_version) c on c.skill = s.skill
        group by s.learner, c.milestone) m
      group by m.learner),
  first as (
    select s.learner, array_agg(s.skill) as skills, array_agg(s.first_score) as scores, max(s.passed_at) as passed_at,
        analytics.rest_share(count(*) filter (where s.tries_to_pass = 1) - 1, count(*)) as passed_share,
        analytics.rest_share(count(*) filter (where s.tries_to_pass = 1), count(*)) as failed_share
      from stands s group by s.learner)
  update analytics.kept_standing k set milestones = m.milestones, passed = m.passed, skills = f.skills, first_scores = f.scores,
      passed_at = f.passed_at, rest_passed = f.passed_share, rest_failed = f.failed_share,
      rest_passed_square = analytics.square_of_share(f.passed_share), rest_failed_square = analytics.square_of_share(f.failed_share)
    from first f join milestone m on m.learner = f.learner
    where k.tenant = $1 and k.framework = judged.framework and k.framework_version = judged.framework_version and k.learner = f.learner;
end
$$;

create or replace function analytics.progress(tenant text, cohort text, sequence bigint)
returns table (learner uuid, milestone text, level int, entered boolean, meets_rule boolean, award text)
language sql stable rows 5000 set jit = off set work_mem = '64MB' as $$
  with by_framework as materialized (select j.framework, j.framework_version from analytics.judged_by($1, $2, $3) j),
  rule as materialized (
    select d.milestone, d.level, d.evidence_minimum, d.distinct_assessors, d.requires,
        array(select s.skill from analytics.milestone_skill s
          where s.tenant = $1 and s.framework = f.framework and s.framework_version = f.framework_version and s.milestone = d.milestone) as skills
      from by_framework f join analytics.dim_milestone d on d.tenant = $1 and d.framework = f.framework and d.framework_version = f.framework_version),
  item as materialized (
    select v.learner, v.evidence, v.milestone, v.skills, array_agg(v.assessor) as assessors,
        not v.withdrawn and coalesce(bool_and(v.decision = 'accepted'), false) as accepted
      from analytics.verdicts($1, $2, $3) v group by v.learner, v.evidence, v.milestone, v.skills, v.withdrawn),
  handed_in as materialized (
    select i.learner, i.milestone, count(distinct i.evidence) filter (where i.accepted) as items, count(distinct a.assessor) filter (where i.accepted) as assessors
      from (
        select i.learner, i.evidence, i.accepted, i.assessors, i.milestone from item i where i.milestone is not null
        union all
        select i.learner, i.evidence, i.accepted, i.assessors, m.milestone
          from item i cross join lateral unnest(i.skills) as k (skill) cross join by_framework f join analytics.milestone_skill m
            on m.tenant = $1 and m.framework = f.framework and m.framework_version = f.framework_version and m.skill = k.skill
          where i.milestone is null) i
      cross join lateral unnest(i.assessors) as a (assessor)
      group by i.learner, i.milestone),
  latest as materialized (select a.learner, a.milestone, a.award from analytics.latest_awards($1, $2, $3) a),
  stands as materialized (
    select l.learner, array_agg(l.milestone) as milestones from latest l where l.award in ('awarded', 'reinstated', 'renewed') group by l.learner)
  select m.learner, r.milestone, r.level, t.learner is not null or h.learner is not null,
      coalesce(t.passed, 0) = cardinality(r.skills) and r.requires <@ coalesce(s.milestones, '{}')
        and coalesce(h.items, 0) >= r.evidence_minimum and coalesce(h.assessors, 0) >= r.distinct_assessors
        and (cardinality(r.skills) > 0 or r.evidence_minimum > 0 or r.distinct_assessors > 0 or cardinality(r.requires) > 0),
      l.award
    from analytics.members($1, $2, $3) m cross join rule r
    left join analytics.tried($1, $2, $3) t on t.learner = m.learner and t.milestone = r.milestone
    left join handed_in h on h.learner = m.learner and h.milestone = r.milestone
    left join latest l on l.learner = m.learner and l.milestone = r.milestone
    left join stands s on s.learner = m.learner
$$;

create or replace function analytics.first_scores(tenant text, cohort text, sequence bigint)
returns table (skill text, learners bigint, first_sum numeric, first_squares numeric) language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  select p.skill, count(f.score), coalesce(sum(f.score), 0), coalesce(sum(f.score * f.score), 0)
    from analytics.passing($1, $2, $3) p
    left join (
      select u.skill, u.score from analytics.kept($1, $2, $3) k cross join lateral unnest(k.skills, k.first_scores) as u (skill, score)
      union all
      select n.skill, n.first_score from analytics.standing_anew($1, $2, $3, null) n) f on f.skill = p.skill
    group by p.skill order by p.skill collate "C"
$$;

-- What a member's first tries of the other skills come to is one of two shares, by how this one went, and is kept with the member.
create function analytics.difficulty(tenant text, cohort text, sequence bigint)
returns table (skill text, passing_score numeric, attempts bigint, learners bigint, passes bigint, first_passes bigint, passed bigint, score_sum numeric, tries bigint[],
  pass_rate numeric, first_try_rate numeric, mean_score numeric, rest_yes bigint, rest_sum_yes numeric, rest_no bigint, rest_sum_no numeric, rest_squares numeric)
language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  with figures as materialized (
    select m.skill, sum(m.attempts)::bigint as attempts, count(*) as learners, sum(m.passes)::bigint as passes, count(*) filter (where m.tries_to_pass = 1) as first_passes,
        count(m.tries_to_pass) as passed, sum(m.score_sum) as score_sum, array_agg(coalesce(m.tries_to_pass, -m.attempts)) as tries,
        count(m.rest_passed) filter (where m.tries_to_pass = 1) as rest_yes, sum(m.rest_passed) filter (where m.tries_to_pass = 1) as rest_sum_yes,
        count(m.rest_failed) filter (where m.tries_to_pass is distinct from 1) as rest_no, sum(m.rest_failed) filter (where m.tries_to_pass is distinct from 1) as rest_sum_no,
        sum(case when m.tries_to_pass = 1 then m.rest_passed_square else m.rest_failed_square end) as rest_squares
      from (
        select s.skill, s.attempts, s.passes, s.score_sum, s.tries_to_pass, k.rest_passed, k.rest_failed, k.rest_passed_square, k.rest_failed_square
          from analytics.kept($1, $2, $3) k join analytics.kept_standing_skill s
            on s.tenant = $1 and s.framework = k.framework and s.framework_version = k.framework_version and s.learner = k.learner
        union all
        select n.skill, n.attempts, n.passes, n.score_sum, n.tries_to_pass, n.rest_passed, n.rest_failed,
            analytics.square_of_share(n.rest_passed), analytics.square_of_share(n.rest_failed)
          from (
            select n.skill, n.attempts, n.passes, n.score_sum, n.tries_to_pass,
                analytics.rest_share(count(*) filter (where n.tries_to_pass = 1) over person - 1, count(*) over person) as rest_passed,
                analytics.rest_share(count(*) filter (where n.tries_to_pass = 1) over person, count(*) over person) as rest_failed
              from analytics.standing_anew($1, $2, $3, null) n window person as (partition by n.learner)) n) m
      group by m.skill)
  select p.skill, p.passing_score, coalesce(g.attempts, 0), coalesce(g.learners, 0), coalesce(g.passes, 0), coalesce(g.first_passes, 0), coalesce(g.passed, 0),
      coalesce(g.score_sum, 0), array(select t from unnest(g.tries) t order by t),
      trim_scale(round(g.passes::numeric / g.attempts, 12)), trim_scale(round(g.first_passes::numeric / g.learners, 12)), trim_scale(round(g.score_sum / g.attempts, 12)),
      coalesce(g.rest_yes, 0), coalesce(g.rest_sum_yes * 0.000000000001, 0), coalesce(g.rest_no, 0), coalesce(g.rest_sum_no * 0.000000000001, 0), coalesce(g.rest_squares, 0)
    from analytics.passing($1, $2, $3) p left join figures g on g.skill = p.skill
    order by 10 nulls last, p.skill collate "C"
$$;
comment on function analytics.difficulty is 'As skills, without what first_scores says too.';

create or replace function analytics.skills(tenant text, cohort text, sequence bigint)
returns table (skill text, passing_score numeric, attempts bigint, learners bigint, passes bigint, first_passes bigint, passed bigint, score_sum numeric,
  first_sum numeric, first_squares numeric, tries bigint[], pass_rate numeric, first_try_rate numeric, mean_score numeric,
  rest_yes bigint, rest_sum_yes numeric, rest_no bigint, rest_sum_no numeric, rest_squares numeric) language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  select d.skill, d.passing_score, d.attempts, d.learners, d.passes, d.first_passes, d.passed, d.score_sum, f.first_sum, f.first_squares, d.tries,
      d.pass_rate, d.first_try_rate, d.mean_score, d.rest_yes, d.rest_sum_yes, d.rest_no, d.rest_sum_no, d.rest_squares
    from analytics.difficulty($1, $2, $3) d join analytics.first_scores($1, $2, $3) f on f.skill = d.skill
    order by d.pass_rate nulls last, d.skill collate "C"
$$;

-- Where those stand who are stuck is looked up for them alone.
create or replace function analytics.stuck(tenant text, cohort text, sequence bigint, at timestamptz, days int)
returns table (learner uuid, milestone text, level int, last_progress timestamptz, idle_days numeric, skill text, attempts bigint, best_score numeric)
language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  with by_framework as materialized (select j.framework, j.framework_version from analytics.judged_by($1, $2, $3) j),
  member as materialized (
    select m.learner, m.joined, array(select s.stream from analytics.streams($1, m.learner, $3) s) as streams
      from analytics.memberships($1, $2, $3) m where m.joined <= $4 and (m.ended is null or m.ended > $4)),
  kept as materialized (select k.learner, k.framework, k.framework_version, k.passed_at from analytics.kept($1, $2, $3) k),
  anew as materialized (
    select s.learner, s.skill, s.attempts, s.first_score, s.best_score, s.latest_score, s.passed_at from analytics.standing_anew($1, $2, $3, null) s),
  passed as materialized (
    select k.learner, k.passed_at from kept k
    union all
    select s.learner, max(s.passed_at) from anew s group by s.learner),
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
  open as materialized (
    select a.learner, k.skill, a.passing_score, a.counting
      from ahead a cross join by_framework f
      join analytics.milestone_skill k on k.tenant = $1 and k.framework = f.framework and k.framework_version = f.framework_version and k.milestone = a.milestone),
  stands as materialized (
    select o.learner, o.skill, s.attempts, s.first_score, s.best_score, s.latest_score
      from open o join kept k on k.learner = o.learner cross join lateral (
        select s.attempts, s.first_score, s.best_score, s.latest_score from analytics.kept_standing_skill s
          where s.tenant = $1 and s.framework = k.framework and s.framework_version = k.framework_version and s.learner = o.learner and s.skill = o.skill offset 0) s
    union all
    select s.learner, s.skill, s.attempts, s.first_score, s.best_score, s.latest_score from anew s),
  blocking as materialized (
    select distinct on (o.learner) o.learner, o.skill, s.attempts, s.best_score
      from open o left join stands s on s.learner = o.learner and s.skill = o.skill
      where coalesce(analytics.counting_score(o.counting, s.first_score, s.best_score, s.latest_score) < o.passing_score, true)
      order by o.learner, coalesce(s.attempts, 0) desc, o.skill collate "C")
  select a.learner, a.milestone, a.level, a.at, round(extract(epoch from $4 - a.at) / 86400, 6), b.skill, coalesce(b.attempts, 0), b.best_score
    from ahead a left join blocking b on b.learner = a.learner
    order by a.at, a.learner
$$;

create or replace view analytics.cohort_skills with (security_invoker = true) as
  select c.tenant, c.cohort, s.skill, s.passing_score, s.attempts, s.learners, s.passes, s.first_passes, s.passed, s.pass_rate, s.first_try_rate, s.mean_score
    from analytics.dim_cohort c cross join lateral analytics.difficulty(c.tenant, c.cohort, 9223372036854775807) s;

call analytics.grant_readers();
