-- A star schema for analysts. Every fact row is one event of the ledger, inserted once and never changed, so that any question can be asked
-- as of any sequence: "where sequence <= S" is all it takes. The projection calls analytics.project; nothing else writes here.
create schema analytics;
comment on schema analytics is 'Facts and dimensions for analysts, projected from the ledger. Pseudonymous: learners are UUIDs; codes, numbers and times only.';

create table analytics.dim_learner (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  learner uuid not null,
  primary key (tenant, learner)
);
create table analytics.dim_framework (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  framework text not null, framework_version int not null, title text not null, hash text not null,
  primary key (tenant, framework, framework_version)
);
create table analytics.dim_milestone (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  framework text not null, framework_version int not null, milestone text not null, level int not null, title text not null,
  passing_score numeric not null, counting text not null, evidence_minimum int not null, distinct_assessors int not null,
  requires text[] not null, decision text not null, valid_for text,
  primary key (tenant, framework, framework_version, milestone)
);
create table analytics.dim_skill (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  framework text not null, framework_version int not null, skill text not null, title text not null,
  primary key (tenant, framework, framework_version, skill)
);
create table analytics.milestone_skill (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  framework text not null, framework_version int not null, milestone text not null, skill text not null,
  primary key (tenant, framework, framework_version, milestone, skill)
);
create table analytics.dim_cohort (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  cohort text not null, name text not null, framework text not null, framework_version int,
  primary key (tenant, cohort)
);
create table analytics.fact_attempt (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  learner uuid not null, skill text not null, score numeric not null, source text,
  -- A learner's attempts lie all over the table, in the order of the ledger. With what the questions ask for beside the key they need not be visited.
  primary key (tenant, learner, event_id) include (sequence, occurred, skill, score)
) with (autovacuum_vacuum_insert_scale_factor = 0.05);
create table analytics.fact_attempt_void (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  learner uuid not null, attempt uuid not null, reason text not null, actor text not null,
  primary key (tenant, learner, event_id)
);
create table analytics.fact_evidence (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  learner uuid not null, kind text not null, evidence uuid not null, milestone text, skills text[], media_type text, size bigint, reason text, source text,
  primary key (tenant, learner, event_id)
);
create table analytics.fact_review (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  learner uuid not null, evidence uuid not null, assessor text not null, decision text not null, rubric text,
  primary key (tenant, learner, event_id)
);
create table analytics.fact_award (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  learner uuid not null, award uuid not null, kind text not null, framework text, framework_version int, milestone text,
  effective_at timestamptz, expires_at timestamptz, actor text not null, reason text,
  primary key (tenant, learner, event_id)
);
create table analytics.fact_membership (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  cohort text not null, learner uuid not null, kind text not null,
  primary key (tenant, cohort, learner, event_id)
);
create table analytics.fact_closing (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  kind text not null, code text not null, reason text not null,
  primary key (tenant, kind, code, event_id)
);
create table analytics.high_water_note (
  noted_at timestamptz primary key, sequence bigint not null
);

comment on table analytics.dim_learner is 'Learners, by the UUID the ledger gave them. Holds nothing that identifies a person.';
comment on table analytics.dim_framework is 'Published framework versions; a row never changes.';
comment on table analytics.dim_milestone is 'Milestones of each framework version, with the rule they are awarded by.';
comment on table analytics.dim_skill is 'Skills of each framework version. A skill code means the same in all frameworks of a tenant.';
comment on table analytics.milestone_skill is 'Which skills a milestone has; a skill may belong to several.';
comment on table analytics.dim_cohort is 'Cohorts as they were opened.';
comment on table analytics.fact_attempt is 'One row for each attempt at a skill, voided ones too: see fact_attempt_void.';
comment on table analytics.fact_attempt_void is 'Attempts that no longer count.';
comment on table analytics.fact_evidence is 'Evidence handed in, and evidence taken back.';
comment on table analytics.fact_review is 'Verdicts of assessors on evidence; an assessor''s later verdict replaces the earlier.';
comment on table analytics.fact_award is 'One row for each event in the life of an award; the latest row but flags and affirmations says where the award stands.';
comment on table analytics.fact_membership is 'Joins and leaves of cohorts. A learner belongs while the last one, by occurred, then sequence, is a join.';
comment on table analytics.fact_closing is 'Closed cohorts and retired frameworks.';
comment on table analytics.high_water_note is 'Up to which sequence the ledger was settled at which time, one row a second while it moves. A cohort question as of a time is answered at the newest note by then.';
comment on column analytics.high_water_note.noted_at is 'When it was noted, by the database''s clock.';
comment on column analytics.high_water_note.sequence is 'Every event up to this sequence was there, and no other will come.';

-- The columns that mean the same wherever they stand are described once.
do $$
declare
  described record;
begin
  for described in
    select c.table_name, c.column_name, d.text from information_schema.columns c join (values
      ('event_id', 'The event this row was made from; unique in the ledger.'),
      ('tenant', 'The organisation; every question begins with it.'),
      ('sequence', 'Global order number of the event. "sequence <= S" gives the state as of S.'),
      ('occurred', 'When it happened, by the source.'),
      ('recorded', 'When the ledger recorded it, by the database''s clock.'),
      ('learner', 'The learner''s UUID.'),
      ('framework', 'Code of the framework.'),
      ('framework_version', 'Version of the framework; in dim_cohort the pinned one, null: always the latest.'),
      ('milestone', 'Code of the milestone; in fact_evidence the one it counts for alone, or null.'),
      ('skill', 'Code of the skill.'),
      ('skills', 'Codes of the skills the evidence is for.'),
      ('cohort', 'Code of the cohort.'),
      ('title', 'For people.'), ('name', 'For people.'),
      ('hash', 'SHA-256 of the canonical definition, 64 hex digits.'),
      ('level', 'For order and display, 0 or more.'),
      ('passing_score', '0 to 1; an attempt at or above it passes.'),
      ('counting', 'Which attempt counts: best, latest or first.'),
      ('evidence_minimum', 'Accepted pieces of evidence it takes.'),
      ('distinct_assessors', 'Different accepting assessors it takes.'),
      ('requires', 'Codes of milestones that must stand.'),
      ('valid_for', 'ISO 8601 duration of an award; null: no end.'),
      ('score', '0 to 1.'),
      ('source', 'URI of the platform.'),
      ('attempt', 'Event id of the attempt.'),
      ('award', 'The award.'),
      ('evidence', 'The platform''s UUID of the evidence.'),
      ('media_type', 'RFC 6838 media type.'), ('size', 'Bytes.'),
      ('assessor', 'Who judged: key:id or person:code.'),
      ('actor', 'Who did it: key:id, person:code or policy:name.'),
      ('rubric', 'Code or IRI of the rubric applied.'),
      ('reason', 'Reason code.'),
      ('effective_at', 'From when, where the event says so.'),
      ('expires_at', 'The end this event set, where it set one.'),
      ('code', 'Code of the cohort or framework.')) as d (name, text) on d.name = c.column_name
    where c.table_schema = 'analytics' and c.table_name <> 'high_water_note'
  loop
    execute format('comment on column analytics.%I.%I is %L', described.table_name, described.column_name, described.text);
  end loop;
end
$$;
comment on column analytics.dim_milestone.decision is 'Who awards: automatic or assessor.';
comment on column analytics.fact_review.decision is 'accepted or rejected.';
comment on column analytics.fact_evidence.kind is 'submitted or withdrawn; a withdrawal has no milestone, skills, media type and size.';
comment on column analytics.fact_award.kind is 'awarded, flagged, affirmed, suspended, reinstated, revoked, expired or renewed.';
comment on column analytics.fact_membership.kind is 'joined or left.';
comment on column analytics.fact_closing.kind is 'cohort or framework.';

-- Projects the events in (after, upto]. The caller advances its progress in the same transaction, so no event is taken twice.
-- Each statement reads the range by primary key; statistics lag behind a fast ledger, so the planner is not left to guess.
create procedure analytics.project(after bigint, upto bigint) language plpgsql
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off as $$
declare
  kinds text[];
begin
  select coalesce(array_agg(distinct e.type), '{}') into kinds from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto;

  if 'skill.attempted' = any (kinds) then
    insert into analytics.fact_attempt (event_id, tenant, sequence, occurred, recorded, learner, skill, score, source)
      select e.id, e.tenant_id, e.seq_id, (e.headers ->> 'occurred')::timestamptz, e.timestamp,
        e.stream_id, e.data ->> 'skill', (e.data ->> 'score')::numeric, e.headers ->> 'source'
      from ledger.mt_events e where e.seq_id > after and e.seq_id <= upto and e.type = 'skill.attempted'
      on conflict do nothing;
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
comment on procedure analytics.project is 'Inserts the rows of the events in (after, upto]. Called by the projection only, in the transaction that notes its progress.';
