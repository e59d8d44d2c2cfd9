-- A learner's stream begins with the registration. Whoever remembers a learner whom the ledger has lost, at a failover to a standby that lacked the last commits,
-- is told by LL410 as of an erased one: what is remembered is out of date.

-- Appends facts to many streams at once; one round trip, no joins between arrays.
-- Streams come distinct and in id order; each event names its stream by position and its place among the stream's new events (1, 2, ...).
-- If any event id is stored already nothing is appended and the rows, with "fresh" false, tell of those events alone; otherwise there is a row
-- for each event now recorded. An id that somebody else stores at this very moment ends in unique_violation: roll back and call again.
create or replace function ledger.append_facts(
  stream_tenants text[], streams uuid[], stream_types text[], counts int[],
  event_ids uuid[], event_streams int[], places int[], types text[], dotnet_types text[], bodies jsonb[], heads jsonb[],
  correlations text[], causations text[], users text[])
returns table (fresh boolean, event_id uuid, event_version bigint, event_recorded timestamptz, event_fp text, event_sent text)
language plpgsql as $$
declare
  reached bigint[];
  tenant constant text := stream_tenants[1];
  alone constant boolean := tenant = all (stream_tenants);
  mark text;
begin
  return query
    select false, e.id, e.version, e.timestamp, e.headers ->> 'fp', e.headers ->> 'sent' from ledger.mt_events e where e.id = any (event_ids);
  if found then
    return;
  end if;

  -- This locks the streams, in id order, new ones and old ones alike; sequence numbers and recorded times are taken after it.
  with upserted as (
    insert into ledger.mt_streams as s (tenant_id, id, type, version, timestamp)
      select t.tenant, t.stream, t.type, t.n, now() from unnest(stream_tenants, streams, stream_types, counts) as t (tenant, stream, type, n) order by t.stream
      on conflict (tenant_id, id) do update set version = s.version + excluded.version, timestamp = now()
      returning s.id, s.version)
  select array_agg(u.version order by u.id) into reached from upserted u;

  if (select count(*) from unnest(stream_types, counts, reached) as t (type, n, version) where t.type = 'learner' and t.version = t.n)
    <> (select count(*) from unnest(places, types) as e (place, type) where e.place = 1 and e.type = 'learner.registered') then
    raise exception 'a learner is not registered' using errcode = 'LL410';
  end if;

  mark := set_config('ledger.append', 'facts', true);
  return query
    insert into ledger.mt_events as m
      (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, user_name, is_archived)
      select nextval('ledger.mt_events_sequence'), e.id, streams[e.s], reached[e.s] - counts[e.s] + e.place, e.body, e.type, clock_timestamp(),
        case when alone then tenant else stream_tenants[e.s] end, e.dotnet, e.correlation, e.causation, e.head, e.usr, false
      from (
        select unnest(event_ids) as id, unnest(event_streams) as s, unnest(places) as place, unnest(types) as type, unnest(dotnet_types) as dotnet,
          unnest(bodies) as body, unnest(heads) as head, unnest(correlations) as correlation, unnest(causations) as causation, unnest(users) as usr) e
      returning true, m.id, m.version, m.timestamp, null::text, null::text;
  mark := set_config('ledger.append', '', true);
end
$$;
