-- Tenants, identities, API keys, refused posts: everything about people and organisations that must not lie in events.
create schema registry;

create table registry.tenant (
  tenant     text primary key check (tenant ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  created_at timestamptz not null default clock_timestamp()
);
comment on table registry.tenant is 'One organisation. Every row, key, log and query belongs to exactly one.';

create table registry.identity (
  tenant  text not null,
  scheme  text not null,
  issuer  text not null,
  value   text not null,
  learner uuid not null,
  primary key (tenant, scheme, issuer, value)
);
create index identity_learner on registry.identity (tenant, learner);
comment on table registry.identity is 'What platforms call a learner. The only place where a platform''s identifier meets the learner''s UUID.';
comment on column registry.identity.scheme is 'account: issuer is the platform''s URI (xAPI homePage), value its name for the learner (CloudEvents subject).';

create table registry.api_key (
  id         text primary key check (id ~ '^[a-z0-9-]{1,32}$'),
  tenant     text not null references registry.tenant,
  secret     bytea not null,
  name       text not null,
  scopes     text[] not null,
  person     text,
  sources    text[],
  bootstrap  boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  revoked_at timestamptz,
  revoked_by text
);
create index api_key_tenant on registry.api_key (tenant);
comment on column registry.api_key.secret is 'SHA-256 of the secret, which itself has 256 random bits.';

create table registry.intake_conflict (
  at       timestamptz not null default clock_timestamp(),
  tenant   text not null,
  event_id uuid not null,
  source   text not null,
  key_id   text not null,
  refused  text not null
);
create index intake_conflict_tenant on registry.intake_conflict (tenant, at);
comment on table registry.intake_conflict is 'Posts refused because source and id were already used for other content.';
comment on column registry.intake_conflict.refused is 'Content fingerprint of the refused event, keyed like the header fp.';

create table registry.setting (
  name  text primary key,
  value text not null
);
comment on table registry.setting is 'Facts of this installation that are decided once, such as the origin of its logs.';
