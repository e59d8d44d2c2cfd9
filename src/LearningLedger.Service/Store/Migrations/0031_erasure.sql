-- Erasure of a learner: the event says so and stays, the content of all earlier events of the stream goes, and with it key and identifiers.

create table registry.erasure (
  tenant    text not null,
  learner   uuid not null,
  event_id  uuid not null,
  sequence  bigint not null,
  version   bigint not null,
  erased_at timestamptz not null,
  primary key (tenant, learner)
);
create index erasure_at on registry.erasure (erased_at);
create index erasure_sequence on registry.erasure (sequence);
comment on table registry.erasure is 'Learners whose content is erased; written by ledger.erase_learner alone. Holds nothing of the person.';
comment on column registry.erasure.event_id is 'The event learner.erased, the last of the stream.';
comment on column registry.erasure.erased_at is 'Its recorded time.';

-- Nothing can be appended about an erased learner, whatever path it takes and whatever a node has in memory. Who appends to the stream holds its
-- row, and so does who erases: this sees an erasure that was committed before. The first question keeps the usual append free of the second.
create function ledger.refuse_erased() returns trigger language plpgsql as $$
begin
  if exists (select from registry.erasure)
    and exists (
      select from appended a join registry.erasure x on x.tenant = a.tenant_id
        and x.learner = case when a.type in ('cohort.joined', 'cohort.left') then (a.data ->> 'learner')::uuid else a.stream_id end) then
    raise exception 'the learner is erased' using errcode = 'LL410';
  end if;
  return null;
end
$$;
create trigger refuse_erased after insert on ledger.mt_events referencing new table as appended
  for each statement execute function ledger.refuse_erased();

-- The one way to change an event. With the rights of the owner, because the running service may not change events; it can do nothing but mask the
-- learner whose erasure this very transaction records, and destroys the learner's key and identifiers in the same breath.
-- LL425: some of the learner's events have no leaf yet. What is masked must have been logged as it was.
create function ledger.erase_learner(in_tenant text, in_learner uuid) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  erasure record;
begin
  select e.id, e.seq_id, e.version, e.timestamp into erasure from ledger.mt_events e
    where e.tenant_id = in_tenant and e.stream_id = in_learner and e.type = 'learner.erased' and e.xmin = pg_current_xact_id()::xid
      and not exists (select from ledger.mt_events later where later.tenant_id = in_tenant and later.stream_id = in_learner and later.version > e.version)
      and exists (select from ledger.mt_events b where b.tenant_id = in_tenant and b.stream_id = in_learner and b.version = 1 and b.type = 'learner.registered');
  if not found then
    raise exception 'this transaction records no erasure of that learner' using errcode = 'insufficient_privilege';
  end if;
  if exists (select from ledger.mt_events e
      where e.tenant_id = in_tenant and e.stream_id = in_learner and e.version < erasure.version
        and e.seq_id in (select unnest(p.seqs) from tlog.pending p where p.tenant_id = in_tenant)) then
    raise exception 'events of the learner wait to be logged' using errcode = 'LL425';
  end if;

  update ledger.mt_events set data = '{}' where tenant_id = in_tenant and stream_id = in_learner and version < erasure.version;
  insert into registry.erasure (tenant, learner, event_id, sequence, version, erased_at)
    values (in_tenant, in_learner, erasure.id, erasure.seq_id, erasure.version, erasure.timestamp);
  delete from registry.identity where tenant = in_tenant and learner = in_learner;
  delete from vault.learner_key where tenant = in_tenant and learner = in_learner;
end
$$;

-- Analysts see that somebody was erased, and nothing else of them. Figures of earlier sequences no longer count the learner.
create table analytics.fact_erasure (
  event_id uuid not null, tenant text not null, sequence bigint not null, occurred timestamptz not null, recorded timestamptz not null,
  learner uuid not null,
  primary key (tenant, learner)
);
comment on table analytics.fact_erasure is 'Erased learners: all their other rows are gone, also from figures of earlier sequences.';
comment on column analytics.fact_erasure.event_id is 'The event this row was made from; unique in the ledger.';
comment on column analytics.fact_erasure.tenant is 'The organisation; every question begins with it.';
comment on column analytics.fact_erasure.sequence is 'Global order number of the event.';
comment on column analytics.fact_erasure.occurred is 'When it was decided.';
comment on column analytics.fact_erasure.recorded is 'When the ledger recorded it, by the database''s clock.';
comment on column analytics.fact_erasure.learner is 'The learner''s UUID.';
do $$
begin
  alter table analytics.fact_erasure enable row level security;
  alter table analytics.fact_erasure force row level security;
  execute format('create policy owner on analytics.fact_erasure to %I using (true) with check (true)', current_user);
  create policy reader on analytics.fact_erasure for select using (tenant = (select a.tenant from analytics.analyst a where a.role = session_user));
end
$$;

-- Takes erased learners out, in the transaction that projects the range in which their erasure lies. Whatever table has a learner.
create procedure analytics.drop_erased(after bigint, upto bigint) language plpgsql
set plan_cache_mode = force_custom_plan set enable_seqscan = off set jit = off as $$
declare
  rel text;
begin
  insert into analytics.fact_erasure (event_id, tenant, sequence, occurred, recorded, learner)
    select x.event_id, x.tenant, x.sequence, (e.headers ->> 'occurred')::timestamptz, e.timestamp, x.learner
    from registry.erasure x join ledger.mt_events e on e.seq_id = x.sequence and e.tenant_id = x.tenant
    where x.sequence > after and x.sequence <= upto
    on conflict do nothing;
  if not found then
    return;
  end if;
  for rel in select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'learner' and not a.attisdropped
      where c.relnamespace = 'analytics'::regnamespace and c.relkind = 'r' and c.relname <> 'fact_erasure' order by 1 loop
    execute format(
      'delete from analytics.%I d using analytics.fact_erasure x where x.sequence > $1 and x.sequence <= $2 and d.tenant = x.tenant and d.learner = x.learner', rel)
      using after, upto;
  end loop;
end
$$;
comment on procedure analytics.drop_erased is 'Removes the learners erased in (after, upto]. Called by the projection only, after analytics.project of the same range.';
revoke execute on procedure analytics.drop_erased from public;

-- A masked event has nothing to project. One that is masked though nobody erased its learner still fails, and stops the projection.
-- A membership may be recorded at the very moment of the erasure, in the cohort's stream; its rows are few, so each is looked at.
create function analytics.skip_erased() returns trigger language plpgsql as $$
begin
  return case when exists (select from registry.erasure x where x.tenant = new.tenant and x.learner = new.learner) then null else new end;
end
$$;
comment on function analytics.skip_erased is 'Leaves out rows of erased learners.';
create trigger skip_erased before insert on analytics.fact_attempt for each row when (new.skill is null) execute function analytics.skip_erased();
create trigger skip_erased before insert on analytics.fact_attempt_void for each row when (new.attempt is null) execute function analytics.skip_erased();
create trigger skip_erased before insert on analytics.fact_evidence for each row when (new.evidence is null) execute function analytics.skip_erased();
create trigger skip_erased before insert on analytics.fact_review for each row when (new.evidence is null) execute function analytics.skip_erased();
create trigger skip_erased before insert on analytics.fact_award for each row when (new.award is null) execute function analytics.skip_erased();
create trigger skip_erased before insert on analytics.fact_membership for each row execute function analytics.skip_erased();

-- The last erasure of somebody who was counted in one of these cohorts at a sequence before it. Memberships lie in the cohorts' streams and stay.
create function analytics.erased_since(tenant text, cohorts text[], sequence bigint) returns timestamptz language sql stable as $$
  select max(x.recorded) from analytics.fact_erasure x
    where x.tenant = $1 and x.sequence > $3 and exists (
      select from (
        select distinct on (m.data ->> 'cohort') m.data ->> 'cohort' as cohort, m.type from ledger.mt_events m
          where m.tenant_id = $1 and m.data ->> 'learner' = x.learner::text and m.type in ('cohort.joined', 'cohort.left') and m.seq_id <= $3
          order by m.data ->> 'cohort', m.headers ->> 'occurred' desc, m.seq_id desc) last
        where last.cohort = any ($2) and last.type = 'cohort.joined')
$$;
comment on function analytics.erased_since is 'When somebody who belonged to one of these cohorts at that sequence was erased last, after it; null: nobody was. Reads the ledger itself.';

call analytics.grant_readers();
