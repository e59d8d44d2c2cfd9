-- Statistics of the tables that grow in bulk. Until PostgreSQL has looked at ledger.mt_events once, the daemon's page query is planned for an empty
-- table and takes 750 ms instead of 5; its own maintenance comes by once a minute at best, and a million events come sooner than that. With the rights
-- of the owner, because only an owner may analyze and the running service need not be one.
create function ledger.refresh_statistics() returns setof text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  stale record;
begin
  for stale in
    select s.schemaname, s.relname
    from pg_stat_user_tables s join pg_class c on c.oid = s.relid
    where s.schemaname in ('ledger', 'registry', 'vault', 'analytics') and s.n_mod_since_analyze > 10000 + 0.2 * greatest(c.reltuples, 0)
    order by 1, 2
  loop
    execute format('analyze %I.%I', stale.schemaname, stale.relname);
    return next format('%s.%s', stale.schemaname, stale.relname);
  end loop;
end
$$;
