-- Checkpoints that a time-stamping authority stamped.
create table tlog.stamp (
  log        int not null,
  size       bigint not null,
  checkpoint text not null,
  token      bytea not null,
  stamped_at timestamptz not null,
  primary key (log, size)
);
comment on table tlog.stamp is 'RFC 3161 tokens over signed checkpoints: that the log was of this size then, on the word of somebody who has no part in it.';
comment on column tlog.stamp.checkpoint is 'What is stamped, verbatim: the checkpoint with the log''s signature.';
comment on column tlog.stamp.stamped_at is 'The time in the token.';
