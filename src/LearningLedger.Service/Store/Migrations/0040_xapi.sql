-- The xAPI statement store's own tables: by what statements are found, attachments, documents. The statements themselves are events.
-- All but documents and attachments can be built anew from the events. Nothing here names a person: keys are HMACs under the tenant's key.
create schema xapi;

create table xapi.statement (
  tenant   text not null,
  id       uuid not null,
  stored   timestamptz not null,
  event_id uuid not null,
  stream   uuid not null,
  digest   bytea not null,
  occurred timestamptz not null,
  keys     uuid[] not null,
  posted_by text not null,
  voiding  boolean not null,
  voided   boolean not null default false,
  primary key (tenant, id)
);
create index statement_stored on xapi.statement (tenant, stored, id);
comment on table xapi.statement is 'One row for each event statement.stored, written in the transaction that appends it.';
comment on column xapi.statement.stored is 'The database''s clock in that transaction, a microsecond apart within it; readers see all up to a time once no transaction that began before it is open.';
comment on column xapi.statement.digest is 'HMAC-SHA-256 under the stream''s key of the form in which statements of one id are compared.';
comment on column xapi.statement.keys is 'What it mentions itself; xapi.mention also holds what statements it refers to mention.';

create table xapi.mention (
  tenant text not null,
  key    uuid not null,
  stored timestamptz not null,
  id     uuid not null,
  primary key (tenant, key, stored, id)
);
comment on table xapi.mention is 'Verb, agents, activities and registration by which a statement is found: one index for every filter.';

create table xapi.reference (
  tenant  text not null,
  target  uuid not null,
  id      uuid not null,
  voiding boolean not null,
  primary key (tenant, target, id)
);
create index reference_id on xapi.reference (tenant, id);
comment on table xapi.reference is 'Statements whose object is another statement, whether that is stored yet or not.';

create table xapi.activity (
  tenant     text not null,
  key        uuid not null,
  definition jsonb not null,
  primary key (tenant, key)
);
comment on table xapi.activity is 'What statements said of an activity, the later word over the earlier.';

create table xapi.attachment (
  tenant text not null,
  stream uuid not null,
  sha2   text not null,
  part   int not null,
  parts  int not null,
  media_type text not null,
  sealed bytea not null,
  primary key (tenant, stream, sha2, part)
);
comment on table xapi.attachment is 'Attached bytes in parts, each sealed under the key of the statement''s stream.';

create table xapi.document (
  tenant       text not null,
  kind         text not null check (kind in ('state', 'activity-profile', 'agent-profile')),
  agent        uuid not null,
  activity     uuid not null,
  registration uuid not null,
  id           text not null,
  media_type   text not null,
  etag         text not null,
  updated      timestamptz not null,
  content      bytea not null,
  primary key (tenant, kind, agent, activity, registration, id)
);
comment on table xapi.document is 'State and profile documents: working notes of content, not facts, so not events. What a kind does not have is the nil UUID.';

-- Two words on one activity: members of the later replace those of the earlier, except that names and descriptions gain languages.
create function xapi.merged(earlier jsonb, later jsonb) returns jsonb language sql immutable as $$
  select earlier || later
    || case when earlier ? 'name' and later ? 'name' then jsonb_build_object('name', (earlier -> 'name') || (later -> 'name')) else '{}' end
    || case when earlier ? 'description' and later ? 'description' then jsonb_build_object('description', (earlier -> 'description') || (later -> 'description')) else '{}' end
$$;

-- A statement is found by what the statements it refers to mention, at any remove. Called with statements just stored: gives what they and
-- those that refer to them now reach.
create function xapi.follow_references(in_tenant text, ids uuid[]) returns void language sql as $$
  with recursive up (id) as (
    select unnest(ids)
    union
    select r.id from up join xapi.reference r on r.tenant = in_tenant and r.target = up.id),
  down (id, target) as (
    select r.id, r.target from up join xapi.reference r on r.tenant = in_tenant and r.id = up.id
    union
    select d.id, r.target from down d join xapi.reference r on r.tenant = in_tenant and r.id = d.target)
  insert into xapi.mention (tenant, key, stored, id)
    select distinct in_tenant, k.key, s.stored, s.id
      from down d join xapi.statement s on s.tenant = in_tenant and s.id = d.id
      join xapi.statement t on t.tenant = in_tenant and t.id = d.target
      cross join lateral unnest(t.keys) as k (key)
    on conflict do nothing
$$;
