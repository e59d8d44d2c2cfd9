-- Keys of streams, wrapped by the key file that never lies in the database.
create schema vault;

create table vault.learner_key (
  tenant  text not null,
  learner uuid not null,
  wrapped bytea not null,
  primary key (tenant, learner)
);
comment on table vault.learner_key is 'K_learner: 32 random bytes under AES-256-GCM of the vault key (nonce, ciphertext, tag; tenant and learner as associated data).';

create table vault.tenant_key (
  tenant  text primary key,
  wrapped bytea not null
);
comment on table vault.tenant_key is 'The key of a tenant''s streams that belong to no learner, wrapped likewise.';
