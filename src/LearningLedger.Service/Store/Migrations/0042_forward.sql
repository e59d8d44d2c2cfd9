-- Where statements are sent on to. Cursor and refusals are the service's own notes: losing them sends statements again, never loses one.
create table xapi.forward (
  tenant     text not null,
  code       text not null,
  url        text not null,
  version    text not null check (version in ('1.0.3', '2.0.0')),
  user_name  text not null,
  secret     bytea not null,
  verbs      text[],
  activities text[],
  paused     boolean not null,
  sent_stored timestamptz not null,
  sent_id    uuid not null,
  generation int not null default 1,
  sent       bigint not null default 0,
  failures   int not null default 0,
  breaks     int not null default 0,
  problem    text,
  next_try   timestamptz not null default clock_timestamp(),
  changed_by text not null,
  primary key (tenant, code)
);
comment on table xapi.forward is 'Another learning record store that gets the tenant''s statements, in the order in which they were stored.';
comment on column xapi.forward.secret is 'Password there, sealed under the tenant''s key.';
comment on column xapi.forward.sent_stored is 'With sent_id the last statement dealt with: sent, not chosen, or put among the refused.';
comment on column xapi.forward.breaks is 'Failures in a row by which the target answered that it broke on the next statement.';
comment on column xapi.forward.generation is 'Rises when an admin sets the position or the target, so that a sender under way does not move it.';

create table xapi.forward_refused (
  tenant     text not null,
  code       text not null,
  id         uuid not null,
  stored     timestamptz not null,
  refused_at timestamptz not null default clock_timestamp(),
  problem    text not null,
  again      boolean not null default false,
  primary key (tenant, code, id)
);
create index forward_refused_again on xapi.forward_refused (tenant, code, stored) where again;
comment on table xapi.forward_refused is 'Statements a target would not take. They hold nothing up, and are sent again when somebody asks for it.';
