-- What must happen with every append, whatever path it takes, and the set-based append of facts.
-- Written against the event tables of Marten 9.58.

-- Recorded time is this database's clock, read after the stream row is locked, so versions, sequences and times of a stream rise together.
create function ledger.stamp_recorded() returns trigger language plpgsql as $$
begin
  new.timestamp := clock_timestamp();
  return new;
end
$$;
create trigger stamp_recorded before insert on ledger.mt_events for each row execute function ledger.stamp_recorded();

-- Appends facts to many streams at once; one round trip, no joins between arrays.
-- Streams come distinct and in id order; each event names its stream by position and its place among the stream's new events (1, 2, ...).
-- If any event id is stored already nothing is appended, and the rows say where those events lie; otherwise one row a stream gives the
-- version before this append. A concurrent append of the same id ends in unique_violation: roll back and call again.
create function ledger.append_facts(
  stream_tenants text[], streams uuid[], stream_types text[], counts int[],
  event_ids uuid[], event_streams int[], places int[], types text[], dotnet_types text[], bodies jsonb[], heads jsonb[],
  correlations text[], causations text[], users text[])
returns table (stored_id uuid, stored_stream uuid, stored_version bigint, stored_fp text, stored_tenant text)
language plpgsql as $$
declare
  reached bigint[];
begin
  -- Locks in id order. A stream that does not exist yet is locked by its insertion below.
  perform from unnest(stream_tenants, streams) as t (tenant, stream)
    join ledger.mt_streams s on s.tenant_id = t.tenant and s.id = t.stream
    order by s.id for update of s;

  return query
    select e.id, e.stream_id, e.version, e.headers ->> 'fp', e.tenant_id::text from ledger.mt_events e where e.id = any (event_ids);
  if found then
    return;
  end if;

  with upserted as (
    insert into ledger.mt_streams as s (tenant_id, id, type, version, timestamp)
      select t.tenant, t.stream, t.type, t.n, now() from unnest(stream_tenants, streams, stream_types, counts) as t (tenant, stream, type, n) order by t.stream
      on conflict (tenant_id, id) do update set version = s.version + excluded.version, timestamp = now()
      returning s.id, s.version)
  select array_agg(u.version order by u.id) into reached from upserted u;

  insert into ledger.mt_events
    (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type, correlation_id, causation_id, headers, user_name, is_archived)
    select nextval('ledger.mt_events_sequence'), e.id, streams[e.s], reached[e.s] - counts[e.s] + e.place, e.body, e.type, now(), stream_tenants[e.s],
      e.dotnet, e.correlation, e.causation, e.head, e.usr, false
    from unnest(event_ids, event_streams, places, types, dotnet_types, bodies, heads, correlations, causations, users)
      as e (id, s, place, type, dotnet, body, head, correlation, causation, usr);

  return query
    select null::uuid, t.stream, t.v - t.n, null::text, null::text from unnest(streams, reached, counts) as t (stream, v, n);
end
$$;

-- Which cohorts a learner joined or left: decisions need it fresh, so it is an index and not a projection.
create index mt_events_cohort_member on ledger.mt_events (tenant_id, ((data ->> 'learner'))) where type in ('cohort.joined', 'cohort.left');

-- What a tenant knows: frameworks and cohorts. Append-only, so the number of rows under this index tells whether a copy in memory is current.
create index mt_events_catalogue on ledger.mt_events (tenant_id)
  where type in ('framework.published', 'framework.retired', 'cohort.opened', 'cohort.closed');
