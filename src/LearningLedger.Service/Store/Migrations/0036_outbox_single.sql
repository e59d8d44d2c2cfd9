-- Most statements append one event, and to number and group one row cost such an append more than the note itself: it is written down as it is.
create or replace function tlog.note_appended() returns trigger language plpgsql as $$
begin
  insert into tlog.pending (tenant_id, first_seq, seqs)
    select a.tenant_id, a.seq_id, array[a.seq_id] from appended a where (select count(*) from appended) = 1
    on conflict (tenant_id, first_seq) do nothing;
  if not found then
    insert into tlog.pending as k (tenant_id, first_seq, seqs)
      select p.tenant_id, min(p.seq_id), array_agg(p.seq_id order by p.seq_id)
      from (select a.tenant_id, a.seq_id, (row_number() over (partition by a.tenant_id order by a.seq_id) - 1) / 128 as page from appended a) p
      group by p.tenant_id, p.page
      on conflict (tenant_id, first_seq) do update set seqs = (select array_agg(distinct s order by s) from unnest(k.seqs || excluded.seqs) s);
  end if;
  return null;
end
$$;
