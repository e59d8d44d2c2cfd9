-- Learners who turned out to be one person: identifiers of the one who is linked mean the one who leads as long as the link lasts.
alter table registry.identity add column joined_from uuid;
create index identity_joined on registry.identity (tenant, joined_from) where joined_from is not null;
comment on column registry.identity.joined_from is 'Whom the identifier meant before its learner was linked to another; null: never anybody else.';

create table registry.link (
  tenant  text not null,
  learner uuid not null,
  lead    uuid not null,
  primary key (tenant, learner)
);
comment on table registry.link is 'Links that last, as the events learner.linked and learner.unlinked say; written with them.';

create table registry.identity_move (
  tenant   text not null,
  learner  uuid not null,
  moved_at timestamptz not null default clock_timestamp()
);
create index identity_move_at on registry.identity_move (moved_at);
comment on table registry.identity_move is 'Learners whose identifiers came to mean somebody else, so that other nodes forget whom they meant.';

-- A post resolved before its identifier came to mean another: refused as for an erased learner, so that it is looked up anew. Who appends to the
-- stream holds its row, and so does who links: this sees a link that was committed before.
create function ledger.refuse_linked() returns trigger language plpgsql as $$
begin
  if exists (select from registry.link)
    and exists (
      select from appended a join registry.link l on l.tenant = a.tenant_id and l.learner = a.stream_id
        where a.type in ('skill.attempted', 'evidence.submitted', 'statement.stored')) then
    raise exception 'the learner is linked to another' using errcode = 'LL410';
  end if;
  return null;
end
$$;
create trigger refuse_linked after insert on ledger.mt_events referencing new table as appended
  for each statement execute function ledger.refuse_linked();
