-- Learners who are one person count as one, and what is known of those who rest is kept.

create table analytics.fact_link (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  learner uuid not null, kind text not null, other uuid not null, leads boolean not null, reason text not null, actor text not null,
  primary key (tenant, learner, sequence)
);
comment on table analytics.fact_link is
  'Learners who turned out to be one person, and who were split again; both say so, each in a row of their own. Figures count the one who leads, with what lies under both.';
comment on column analytics.fact_link.event_id is 'The event this row was made from; unique in the ledger.';
comment on column analytics.fact_link.tenant is 'The organisation; every question begins with it.';
comment on column analytics.fact_link.sequence is 'Global order number of the event. "sequence <= S" gives the state as of S.';
comment on column analytics.fact_link.occurred is 'When it was decided.';
comment on column analytics.fact_link.recorded is 'When the ledger recorded it, by the database''s clock.';
comment on column analytics.fact_link.learner is 'The learner whose row it is.';
comment on column analytics.fact_link.kind is 'linked or unlinked.';
comment on column analytics.fact_link.other is 'The learner who is the same person.';
comment on column analytics.fact_link.leads is 'Whether the learner leads, or the other.';
comment on column analytics.fact_link.reason is 'Reason code.';
comment on column analytics.fact_link.actor is 'Who did it: key:id, person:code or policy:name.';

-- Those projected already are found by the streams whose identifiers have moved.
insert into analytics.fact_link (event_id, tenant, sequence, occurred, recorded, learner, kind, other, leads, reason, actor)
  select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
      e.stream_id, split_part(e.type, '.', 2), (e.data ->> 'other')::uuid, (e.data ->> 'leads')::boolean, e.data ->> 'reason', e.headers ->> 'actor'
    from (select distinct m.tenant, m.learner from registry.identity_move m) s join ledger.mt_events e on e.tenant_id = s.tenant and e.stream_id = s.learner
    where e.type in ('learner.linked', 'learner.unlinked') and e.data ? 'other'
      and e.seq_id <= (select p.last_seq_id from ledger.mt_event_progression p where p.name = 'Analytics:All')
    on conflict do nothing;

-- Most of what a question costs is to go through every attempt of everybody again. Where somebody stands by one version of a framework is kept
-- for the range of sequences in which nothing about their attempts changes; a question takes those who are kept and works out the others.
-- A row says no more than analytics.standing_anew would: these tables may be emptied at any time.
create table analytics.kept_standing (
  tenant text not null, framework text not null, framework_version int not null, learner uuid not null, from_sequence bigint not null, to_sequence bigint,
  primary key (tenant, framework, framework_version, learner)
);
create index kept_standing_open on analytics.kept_standing (tenant, learner) where to_sequence is null;
create table analytics.kept_standing_skill (
  tenant text not null, framework text not null, framework_version int not null, learner uuid not null, skill text not null, passing_score numeric not null,
  attempts bigint not null, passes bigint not null, score_sum numeric not null, first_score numeric not null, best_score numeric not null, latest_score numeric not null,
  tries_to_pass bigint, passed_at timestamptz,
  primary key (tenant, framework, framework_version, learner, skill)
);
comment on table analytics.kept_standing is 'Learners whose standing is kept, for the sequences from from_sequence up to but not at to_sequence. Nothing is here that the facts do not say; see standing.';
comment on table analytics.kept_standing_skill is 'Where those of kept_standing stand with each skill they tried.';
do $$
declare
  described record;
begin
  for described in
    select c.table_name, c.column_name, d.text from information_schema.columns c join (values
      ('tenant', 'The organisation; every question begins with it.'),
      ('framework', 'Code of the framework.'),
      ('framework_version', 'Version of the framework.'),
      ('learner', 'The learner''s UUID.'),
      ('from_sequence', 'The last event about their attempts that counts.'),
      ('to_sequence', 'The first that does not count any more; null: there is none.'),
      ('skill', 'Code of the skill.'),
      ('passing_score', 'That of the lowest milestone that has the skill, 0 to 1.'),
      ('attempts', 'Unvoided attempts.'),
      ('passes', 'Attempts at or above the passing score.'),
      ('score_sum', 'Sum of the scores.'),
      ('first_score', 'Score of the first attempt, by occurred, then sequence, 0 to 1.'),
      ('best_score', 'Highest score, 0 to 1.'),
      ('latest_score', 'Score of the last attempt, by occurred, then sequence, 0 to 1.'),
      ('tries_to_pass', 'Which attempt passed first; null: none.'),
      ('passed_at', 'When that was.')) as d (name, text) on d.name = c.column_name
    where c.table_schema = 'analytics' and c.table_name in ('kept_standing', 'kept_standing_skill')
  loop
    execute format('comment on column analytics.%I.%I is %L', described.table_name, described.column_name, described.text);
  end loop;
end
$$;

do $$
declare
  rel text;
begin
  foreach rel in array array['fact_link', 'kept_standing', 'kept_standing_skill'] loop
    execute format('alter table analytics.%I enable row level security', rel);
    execute format('alter table analytics.%I force row level security', rel);
    execute format('create policy owner on analytics.%I to %I using (true) with check (true)', rel, current_user);
    execute format('create policy reader on analytics.%I for select using (tenant = (select a.tenant from analytics.analyst a where a.role = session_user))', rel);
  end loop;
end
$$;
create trigger skip_erased before insert on analytics.fact_link for each row when (new.other is null) execute function analytics.skip_erased();

create or replace procedure analytics.project(after bigint, upto bigint) language plpgsql
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off as $$
declare
  kinds text[];
begin
  -- Whoever keeps standings waits for this range, or this range for them: no standing is noted that these events change already.
  lock table analytics.kept_standing in row exclusive mode;
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

  if kinds && '{skill.attempted,attempt.voided}' and exists (select from analytics.kept_standing k where k.to_sequence is null) then
    update analytics.kept_standing k set to_sequence = t.sequence
      from (
        select e.tenant_id as tenant, e.stream_id as learner, min(e.seq_id) as sequence from ledger.mt_events e
          where e.seq_id > after and e.seq_id <= upto and e.type in ('skill.attempted', 'attempt.voided') group by e.tenant_id, e.stream_id) t
      where k.tenant = t.tenant and k.learner = t.learner and k.to_sequence is null;
  end if;

  if kinds && '{learner.linked,learner.unlinked}' then
    insert into analytics.fact_link (event_id, tenant, sequence, occurred, recorded, learner, kind, other, leads, reason, actor)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        e.stream_id, split_part(e.type, '.', 2), (e.data ->> 'other')::uuid, (e.data ->> 'leads')::boolean, e.data ->> 'reason', e.headers ->> 'actor'
      from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto and e.type in ('learner.linked', 'learner.unlinked')
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
