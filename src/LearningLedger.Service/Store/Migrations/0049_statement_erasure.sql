-- The statement store's part of an erasure. "agents" are the index keys of the learner's identifiers. Called by who holds the tenant's turn.
-- What statements of others say of the learner stays sealed in the streams of those others; it is only not found by the learner any more.
create function xapi.erase_learner(in_tenant text, in_learner uuid, agents uuid[]) returns void language plpgsql as $$
declare
  gone uuid[];
begin
  select coalesce(array_agg(s.id), '{}') into gone from xapi.statement s
    where s.tenant = in_tenant and s.stream = in_learner
      and s.id in (select m.id from xapi.mention m where m.tenant = in_tenant and m.key = any (agents));

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
    where m.tenant = in_tenant and m.key = k.key and m.stored = s.stored and m.id = s.id;

  with unfound as (
    delete from xapi.mention m where m.tenant = in_tenant and m.key = any (agents) returning m.id)
  update xapi.statement s set keys = array(select k.key from unnest(s.keys) as k (key) where k.key <> all (agents))
    where s.tenant = in_tenant and s.id in (select u.id from unfound u) and s.id <> all (gone);

  delete from xapi.reference r where r.tenant = in_tenant and r.id = any (gone);
  delete from xapi.attachment a where a.tenant = in_tenant and a.stream = in_learner;
  delete from xapi.document d where d.tenant = in_tenant and d.kind in ('state', 'agent-profile') and d.agent = any (agents);
  delete from xapi.forward_refused f where f.tenant = in_tenant and f.id = any (gone);
  delete from xapi.statement s where s.tenant = in_tenant and s.id = any (gone);
end
$$;
