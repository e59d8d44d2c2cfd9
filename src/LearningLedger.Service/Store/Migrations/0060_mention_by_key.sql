-- A mention's key is an HMAC under its tenant's key, so it is one tenant's alone: the tenant beside it only made the index twice as large, and the table is the
-- one that gets most rows with every statement. Queries take the statements they find from the tenant who asks.
alter table xapi.mention drop constraint mention_pkey, drop column tenant;
alter table xapi.mention add primary key (key, stored, id);

create or replace function xapi.follow_references(in_tenant text, ids uuid[]) returns void language sql as $$
  with recursive up (id) as (
    select unnest(ids)
    union
    select r.id from up join xapi.reference r on r.tenant = in_tenant and r.target = up.id),
  down (id, target) as (
    select r.id, r.target from up join xapi.reference r on r.tenant = in_tenant and r.id = up.id
    union
    select d.id, r.target from down d join xapi.reference r on r.tenant = in_tenant and r.id = d.target)
  insert into xapi.mention (key, stored, id)
    select distinct k.key, s.stored, s.id
      from down d join xapi.statement s on s.tenant = in_tenant and s.id = d.id
      join xapi.statement t on t.tenant = in_tenant and t.id = d.target
      cross join lateral unnest(t.keys) as k (key)
    on conflict do nothing
$$;

create or replace function xapi.erase_learner(in_tenant text, in_learner uuid, agents uuid[]) returns void language plpgsql as $$
declare
  gone uuid[];
begin
  select coalesce(array_agg(s.id), '{}') into gone from xapi.statement s
    where s.tenant = in_tenant and s.stream = in_learner
      and s.id in (select m.id from xapi.mention m where m.key = any (agents));

  -- Each statement mentions its actor. Where it does so by an identifier the learner has no more, the whole table is looked through.
  if cardinality(gone) < (select count(*) from ledger.mt_events e where e.tenant_id = in_tenant and e.stream_id = in_learner and e.type = 'statement.stored') then
    select coalesce(array_agg(s.id), '{}') into gone from xapi.statement s where s.tenant = in_tenant and s.stream = in_learner;
  end if;

  with recursive down (id, target) as (
    select g.id, g.id from unnest(gone) as g (id)
    union
    select d.id, r.target from down d join xapi.reference r on r.tenant = in_tenant and r.id = d.target)
  delete from xapi.mention m using down d
    join xapi.statement s on s.tenant = in_tenant and s.id = d.id
    join xapi.statement t on t.tenant = in_tenant and t.id = d.target
    cross join lateral unnest(t.keys) as k (key)
    where m.key = k.key and m.stored = s.stored and m.id = s.id;

  with unfound as (
    delete from xapi.mention m where m.key = any (agents) returning m.id)
  update xapi.statement s set keys = array(select k.key from unnest(s.keys) as k (key) where k.key <> all (agents))
    where s.tenant = in_tenant and s.id in (select u.id from unfound u) and s.id <> all (gone);

  delete from xapi.reference r where r.tenant = in_tenant and r.id = any (gone);
  delete from xapi.attachment a where a.tenant = in_tenant and a.stream = in_learner;
  delete from xapi.document d where d.tenant = in_tenant and d.kind in ('state', 'agent-profile') and d.agent = any (agents);
  delete from xapi.forward_refused f where f.tenant = in_tenant and f.id = any (gone);
  delete from xapi.statement s where s.tenant = in_tenant and s.id = any (gone);
end
$$;
