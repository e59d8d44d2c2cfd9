-- The tamper-evident log: what was appended and is not logged yet, and a Merkle tree of leaves for each tenant.
create schema tlog;

-- One row for each event that was appended and has no leaf yet; it becomes visible with the event itself, so no commit is ever passed over.
create table tlog.pending (
  tenant_id text collate "C" not null,
  seq_id    bigint not null,
  primary key (tenant_id, seq_id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_insert_scale_factor = 0.5);
comment on table tlog.pending is 'The outbox of the event tables: events that have no leaf yet.';

-- Nothing but the note: hashing here would cost appends a third. Once a statement, not once a row; COPY and Marten's own appends come by too.
create function tlog.note_appended() returns trigger language plpgsql as $$
begin
  insert into tlog.pending (tenant_id, seq_id) select a.tenant_id, a.seq_id from appended a on conflict do nothing;
  return null;
end
$$;
create trigger note_appended after insert on ledger.mt_events referencing new table as appended
  for each statement execute function tlog.note_appended();

create table tlog.log (
  log             int generated always as identity primary key,
  tenant          text collate "C" not null,
  epoch           int not null check (epoch > 0),
  size            bigint not null check (size >= 0),
  root            bytea not null,
  checkpoint_size bigint not null default 0 check (checkpoint_size <= size),
  checkpoint      text,
  signed_at       timestamptz,
  heads_covered   bigint not null default 0,
  heads_index     bigint,
  heads_due       timestamptz not null default clock_timestamp(),
  opened_at       timestamptz not null default clock_timestamp(),
  unique (tenant, epoch)
);
comment on table tlog.log is 'The logs of a tenant. The one of the last epoch is written; a further one is opened after a restore from a backup.';
comment on column tlog.log.size is 'Leaves of the tree.';
comment on column tlog.log.checkpoint is 'The last signed checkpoint, a C2SP signed note; it covers the leaves before checkpoint_size.';
comment on column tlog.log.heads_covered is 'The last heads leaf speaks of the leaves before this one; it lies at heads_index.';

create table tlog.entry (
  log        int not null,
  leaf_index bigint not null,
  seq_id     bigint,
  leaf       bytea not null,
  primary key (log, leaf_index)
);
create unique index entry_sequence on tlog.entry (log, seq_id) where seq_id is not null;
create index entry_notice on tlog.entry (log, leaf_index) where seq_id is null;
comment on table tlog.entry is 'The leaves in their order. A second leaf for one event, or one place given twice, is impossible.';
comment on column tlog.entry.seq_id is 'The event the leaf stands for; null for leaves about the log itself.';

create table tlog.tile (
  log        int not null,
  level      smallint not null,
  tile_index bigint not null,
  hashes     bytea not null,
  primary key (log, level, tile_index)
);
alter table tlog.tile alter column hashes set storage external;
comment on table tlog.tile is 'C2SP tlog-tiles: up to 256 hashes of 32 bytes. Full tiles never change.';

create table tlog.heads_bucket (
  log     int not null,
  bucket  int not null,
  content bytea not null,
  primary key (log, bucket)
);
comment on table tlog.heads_bucket is 'The last version of each stream and where its leaf lies, in the buckets that the last heads leaf commits to.';

create table tlog.heads_tile (
  log        int not null,
  tile_index smallint not null,
  hashes     bytea not null,
  primary key (log, tile_index)
);
alter table tlog.heads_tile alter column hashes set storage external;
comment on table tlog.heads_tile is 'Hashes of the buckets, 256 a tile; tiles of empty buckets are not kept.';

create table tlog.finding (
  tenant   text collate "C" not null,
  kind     text collate "C" not null,
  subject  text collate "C" not null,
  detail   text not null,
  found_at timestamptz not null default clock_timestamp(),
  primary key (tenant, kind, subject)
);
comment on table tlog.finding is 'What does not agree: between events and log, or between the log and what its signer remembers.';

-- What was recorded before there was a log is logged first.
insert into tlog.pending (tenant_id, seq_id) select tenant_id, seq_id from ledger.mt_events;
