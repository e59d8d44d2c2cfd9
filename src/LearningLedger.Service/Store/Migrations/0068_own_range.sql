-- A service that was suspended for longer than others wait for a sign of life may wake up and go on with what another has taken over. It is told so by an error
-- that passes by itself, and is then started again from where the other has come to. Marten finds out as well, but whoever looks after the projections leaves
-- those alone for ever that fail by what Marten says then, or by a row that is there already.
create procedure ledger.claim(shard text, after bigint, upto bigint) language plpgsql as $$
declare
  reached bigint;
  ours boolean;
begin
  select p.last_seq_id, p.xmin = pg_current_xact_id()::xid into reached, ours from ledger.mt_event_progression p where p.name = shard for update;

  -- The progress may be noted before this is called or after it; of the first range there is nothing before.
  if (found or after > 0) and reached is distinct from after and not coalesce(reached = upto and ours, false) then
    raise exception '% has come to % already, by another service', shard, coalesce(reached, 0) using errcode = 'serialization_failure';
  end if;
end
$$;
comment on procedure ledger.claim is 'Fails when another has gone on with a projection or subscription from after. Called by it, in the transaction that notes its progress up to upto.';
revoke execute on procedure ledger.claim from public;
