-- What a comparison of cohorts asks for and no more: the funnel and the skills, which it took its numbers from, work out several times as much.
create function analytics.award_shares(tenant text, cohort text, sequence bigint) returns table (level int, milestone text, members bigint, awarded bigint)
language sql stable rows 10 set jit = off set work_mem = '64MB' as $$
  with by_framework as materialized (select j.framework from analytics.judged_by($1, $2, $3) j),
  member as materialized (select m.learner from analytics.members($1, $2, $3) m),
  latest as materialized (
    select a.milestone, a.kind from member m cross join by_framework f cross join lateral (
      select distinct on (w.milestone) w.milestone, w.kind from analytics.fact_award w
        where w.tenant = $1 and w.learner = m.learner and w.framework = f.framework and w.sequence <= $3 and w.kind not in ('flagged', 'affirmed')
        order by w.milestone, w.sequence desc) a)
  select d.level, d.milestone, (select count(*) from member), count(*) filter (where l.kind in ('awarded', 'reinstated', 'renewed'))
    from analytics.milestones($1, $2, $3) d left join latest l on l.milestone = d.milestone
    group by d.level, d.milestone order by d.level, d.milestone collate "C"
$$;
comment on function analytics.award_shares is 'Members by milestone, and how many of them have an award of it that stands; the same numbers as in funnel.';

create function analytics.first_scores(tenant text, cohort text, sequence bigint)
returns table (skill text, learners bigint, first_sum numeric, first_squares numeric) language sql stable rows 100 set jit = off set work_mem = '64MB' as $$
  with passing as materialized (select p.skill from analytics.passing($1, $2, $3) p),
  member as materialized (select m.learner from analytics.members($1, $2, $3) m),
  voided as materialized (
    select v.attempt from member m cross join lateral (
      select f.attempt from analytics.fact_attempt_void f where f.tenant = $1 and f.learner = m.learner and f.sequence <= $3 offset 0) v),
  first as materialized (
    select s.skill, s.score from member m cross join lateral (
      select distinct on (a.skill) a.skill, a.score from analytics.fact_attempt a
        where a.tenant = $1 and a.learner = m.learner and a.sequence <= $3 and a.event_id not in (select v.attempt from voided v)
        order by a.skill, a.occurred, a.sequence) s)
  select p.skill, count(f.score), coalesce(sum(f.score), 0), coalesce(sum(f.score * f.score), 0)
    from passing p left join first f on f.skill = p.skill group by p.skill order by p.skill collate "C"
$$;
comment on function analytics.first_scores is
  'Members'' first unvoided attempts at each skill of the cohort''s framework: of how many learners, the sum of their scores and of their squares; the same numbers as in skills.';

call analytics.grant_readers();
