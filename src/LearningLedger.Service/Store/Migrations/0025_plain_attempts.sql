-- Attempts are inserted plainly, without looking for conflicts first.
create or replace procedure analytics.project(after bigint, upto bigint) language plpgsql
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off as $$
declare
  kinds text[];
begin
  select coalesce(array_agg(distinct e.type), '{}') into kinds from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto;

  if 'skill.attempted' = any (kinds) then
    -- A range is projected once, with its progress. To look for a row that cannot be there would be a third of the work for these, the most by far.
    insert into analytics.fact_attempt (event_id, tenant, sequence, occurred, recorded, learner, skill, score, source)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        e.stream_id, e.data ->> 'skill', (e.data ->> 'score')::numeric, e.headers ->> 'source'
      from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto and e.type = 'skill.attempted';
  end if;

  if 'learner.registered' = any (kinds) then
    insert into analytics.dim_learner (event_id, tenant, sequence, occurred, recorded, learner)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp, e.stream_id
      from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto and e.type = 'learner.registered'
      on conflict do nothing;
  end if;

  if 'attempt.voided' = any (kinds) then
    insert into analytics.fact_attempt_void (event_id, tenant, sequence, occurred, recorded, learner, attempt, reason, actor)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        e.stream_id, (e.data ->> 'attempt')::uuid, e.data ->> 'reason', e.headers ->> 'actor'
      from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto and e.type = 'attempt.voided'
      on conflict do nothing;
  end if;

  if kinds && '{evidence.submitted,evidence.withdrawn}' then
    insert into analytics.fact_evidence
      (event_id, tenant, sequence, occurred, recorded, learner, kind, evidence, milestone, skills, media_type, size, reason, source)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        e.stream_id, split_part(e.type, '.', 2), (e.data ->> 'evidence')::uuid, e.data ->> 'milestone',
        case when e.data ? 'skills' then array(select jsonb_array_elements_text(e.data -> 'skills')) end,
        e.data ->> 'mediaType', (e.data ->> 'size')::bigint, e.data ->> 'reason', e.headers ->> 'source'
      from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto and e.type in ('evidence.submitted', 'evidence.withdrawn')
      on conflict do nothing;
  end if;

  if 'evidence.reviewed' = any (kinds) then
    insert into analytics.fact_review (event_id, tenant, sequence, occurred, recorded, learner, evidence, assessor, decision, rubric)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        e.stream_id, (e.data ->> 'evidence')::uuid, e.headers ->> 'actor', e.data ->> 'decision', e.data ->> 'rubric'
      from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto and e.type = 'evidence.reviewed'
      on conflict do nothing;
  end if;

  if 'milestone.awarded' = any (kinds) then
    insert into analytics.fact_award (event_id, tenant, sequence, occurred, recorded,
        learner, award, kind, framework, framework_version, milestone, effective_at, expires_at, actor)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        e.stream_id, (e.data ->> 'award')::uuid, 'awarded', e.data ->> 'framework', (e.data ->> 'frameworkVersion')::int, e.data ->> 'milestone',
        (e.data ->> 'effectiveAt')::timestamptz, (e.data ->> 'expiresAt')::timestamptz, e.headers ->> 'actor'
      from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto and e.type = 'milestone.awarded'
      on conflict do nothing;
  end if;

  -- What happens to an award names the award alone; the grant, which always comes before it, says of which milestone it is.
  if exists (select from unnest(kinds) k where k like 'award.%') then
    insert into analytics.fact_award (event_id, tenant, sequence, occurred, recorded,
        learner, award, kind, framework, framework_version, milestone, effective_at, expires_at, actor, reason)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        e.stream_id, (e.data ->> 'award')::uuid, split_part(e.type, '.', 2), g.framework, g.framework_version, g.milestone,
        (e.data ->> 'effectiveAt')::timestamptz, (e.data ->> 'expiresAt')::timestamptz, e.headers ->> 'actor', e.data ->> 'reason'
      from ledger.mt_events e
      left join lateral (
        select f.framework, f.framework_version, f.milestone from analytics.fact_award f
        where f.tenant = e.tenant_id and f.learner = e.stream_id and f.award = (e.data ->> 'award')::uuid and f.kind = 'awarded' and f.sequence < e.seq_id
        order by f.sequence limit 1) g on true
      where e.seq_id > after and e.seq_id <= upto and e.type like 'award.%'
      on conflict do nothing;
  end if;

  if kinds && '{cohort.joined,cohort.left}' then
    insert into analytics.fact_membership (event_id, tenant, sequence, occurred, recorded, cohort, learner, kind)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        e.data ->> 'cohort', (e.data ->> 'learner')::uuid, split_part(e.type, '.', 2)
      from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto and e.type in ('cohort.joined', 'cohort.left')
      on conflict do nothing;
  end if;

  if 'cohort.opened' = any (kinds) then
    insert into analytics.dim_cohort (event_id, tenant, sequence, occurred, recorded, cohort, name, framework, framework_version)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        e.data ->> 'cohort', e.data ->> 'name', e.data ->> 'framework', (e.data ->> 'frameworkVersion')::int
      from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto and e.type = 'cohort.opened' order by e.seq_id
      on conflict do nothing;
  end if;

  if kinds && '{cohort.closed,framework.retired}' then
    insert into analytics.fact_closing (event_id, tenant, sequence, occurred, recorded, kind, code, reason)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        split_part(e.type, '.', 1), coalesce(e.data ->> 'cohort', e.data ->> 'framework'), e.data ->> 'reason'
      from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto and e.type in ('cohort.closed', 'framework.retired')
      on conflict do nothing;
  end if;

  if 'framework.published' = any (kinds) then
    insert into analytics.dim_framework (event_id, tenant, sequence, occurred, recorded, framework, framework_version, title, hash)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        d ->> 'code', (d ->> 'version')::int, d ->> 'title', e.data ->> 'hash'
      from ledger.mt_events e, lateral (select e.data -> 'definition') as x (d)
      where e.seq_id > after and e.seq_id <= upto and e.type = 'framework.published' order by e.seq_id
      on conflict do nothing;
    insert into analytics.dim_skill (event_id, tenant, sequence, occurred, recorded, framework, framework_version, skill, title)
      select f.event_id, f.tenant, f.sequence, f.occurred, f.recorded, f.framework, f.framework_version, s ->> 'code', s ->> 'title'
      from ledger.mt_events e join analytics.dim_framework f on f.tenant = e.tenant_id and f.event_id = e.id, jsonb_array_elements(e.data -> 'definition' -> 'skills') s
      where e.seq_id > after and e.seq_id <= upto and e.type = 'framework.published'
      on conflict do nothing;
    insert into analytics.dim_milestone (event_id, tenant, sequence, occurred, recorded, framework, framework_version, milestone, level, title,
        passing_score, counting, evidence_minimum, distinct_assessors, requires, decision, valid_for)
      select f.event_id, f.tenant, f.sequence, f.occurred, f.recorded, f.framework, f.framework_version, m ->> 'code', (m ->> 'level')::int, m ->> 'title',
        (m -> 'rule' ->> 'passingScore')::numeric, m -> 'rule' ->> 'attempts',
        (m -> 'rule' -> 'evidence' ->> 'minimum')::int, (m -> 'rule' -> 'evidence' ->> 'distinctAssessors')::int,
        array(select jsonb_array_elements_text(m -> 'rule' -> 'requires')), m -> 'rule' ->> 'decision', m -> 'rule' ->> 'validFor'
      from ledger.mt_events e join analytics.dim_framework f on f.tenant = e.tenant_id and f.event_id = e.id, jsonb_array_elements(e.data -> 'definition' -> 'milestones') m
      where e.seq_id > after and e.seq_id <= upto and e.type = 'framework.published'
      on conflict do nothing;
    insert into analytics.milestone_skill (event_id, tenant, sequence, occurred, recorded, framework, framework_version, milestone, skill)
      select f.event_id, f.tenant, f.sequence, f.occurred, f.recorded, f.framework, f.framework_version, m ->> 'code', s
      from ledger.mt_events e join analytics.dim_framework f on f.tenant = e.tenant_id and f.event_id = e.id,
        jsonb_array_elements(e.data -> 'definition' -> 'milestones') m, jsonb_array_elements_text(m -> 'skills') s
      where e.seq_id > after and e.seq_id <= upto and e.type = 'framework.published'
      on conflict do nothing;
  end if;
end
$$;

-- A third of the usual sample is enough to plan by, and to take it costs a third. It is as large as the most curious column or index needs.
do $$
declare
  a record;
begin
  for a in
    select c.oid::regclass as rel, c.relkind, t.attname, t.attnum
    from pg_attribute t join pg_class c on c.oid = t.attrelid left join pg_index i on i.indexrelid = c.oid
    where coalesce(i.indrelid, c.oid) in ('ledger.mt_events'::regclass, 'analytics.fact_attempt'::regclass) and t.attnum > 0 and not t.attisdropped
      and coalesce(t.attstattarget, -1) < 0 and (i.indexrelid is null or i.indkey[t.attnum - 1] = 0)
  loop
    if a.relkind = 'i' then
      execute format('alter index %s alter column %s set statistics 30', a.rel, a.attnum);
    else
      execute format('alter table %s alter column %I set statistics 30', a.rel, a.attname);
    end if;
  end loop;
end
$$;
