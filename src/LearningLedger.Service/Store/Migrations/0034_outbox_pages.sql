-- The outbox in pages: a row for up to 128 events of one statement and tenant, where there was a row for each event, to be indexed, deleted and
-- vacuumed. 128 numbers stay below the size at which PostgreSQL would move them out of the row.
create table tlog.pending_page (
  tenant_id text collate "C" not null,
  first_seq bigint not null,
  seqs      bigint[] not null,
  constraint pending_check check (cardinality(seqs) > 0 and first_seq = seqs[1]),
  constraint pending_page_pkey primary key (tenant_id, first_seq)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_scale_factor = 0.5);

insert into tlog.pending_page (tenant_id, first_seq, seqs)
  select p.tenant_id, min(p.seq_id), array_agg(p.seq_id order by p.seq_id)
  from (select tenant_id, seq_id, (row_number() over (partition by tenant_id order by seq_id) - 1) / 128 as page from tlog.pending) p
  group by p.tenant_id, p.page;
drop table tlog.pending;
alter table tlog.pending_page rename to pending;
alter table tlog.pending rename constraint pending_page_pkey to pending_pkey;
comment on table tlog.pending is 'The outbox of the event tables: events that have no leaf yet, in pages. A page becomes visible with its events, so no commit is ever passed over.';
comment on column tlog.pending.seqs is 'Sequence numbers of events of one statement, rising.';

-- Nothing but the note: hashing here would cost appends a third. Once a statement, not once a row; COPY and Marten's own appends come by too.
create or replace function tlog.note_appended() returns trigger language plpgsql as $$
begin
  insert into tlog.pending as k (tenant_id, first_seq, seqs)
    select p.tenant_id, min(p.seq_id), array_agg(p.seq_id order by p.seq_id)
    from (select a.tenant_id, a.seq_id, (row_number() over (partition by a.tenant_id order by a.seq_id) - 1) / 128 as page from appended a) p
    group by p.tenant_id, p.page
    on conflict (tenant_id, first_seq) do update set seqs = (select array_agg(distinct s order by s) from unnest(k.seqs || excluded.seqs) s);
  return null;
end
$$;

-- Planner statistics are worth their price when a table has doubled: plans change with its magnitude, and to sort a sample takes a core for a while.
create or replace function ledger.refresh_statistics() returns setof text language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  stale record;
begin
  for stale in
    select s.schemaname, s.relname
    from pg_stat_user_tables s join pg_class c on c.oid = s.relid
    where s.schemaname in ('ledger', 'registry', 'vault', 'analytics', 'tlog') and s.n_mod_since_analyze > 10000 + greatest(c.reltuples, 0)
    order by 1, 2
  loop
    execute format('analyze %I.%I', stale.schemaname, stale.relname);
    return next format('%s.%s', stale.schemaname, stale.relname);
  end loop;
end
$$;
