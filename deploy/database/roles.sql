-- The roles of LearningLedger and its database. Run once by psql as superuser on a new server; compose does so.
-- By hand: psql -v owner_password=... -v service_password=... -f deploy/database/roles.sql
-- Without these variables the passwords are taken from the files that deploy/make-secrets.sh makes.
\set ON_ERROR_STOP on
\if :{?owner_password}
\else
  \set owner_password `cut -d: -f5 /run/secrets/ledger_owner`
  \set service_password `cut -d: -f5 /run/secrets/ledger_service`
\endif

-- Owns the schema; used by `migrate` and by nothing that listens.
create role ledger_owner login password :'owner_password';

-- Runs the service. What it may do, `migrate --grant-to ledger_service` grants.
create role ledger_service login password :'service_password';

-- For people and tools that ask; `grant ledger_analyst to somebody`. They see the schema analytics, once there is one.
create role ledger_analyst nologin;
create role ledger_reader nologin;

create database ledger owner ledger_owner;
alter database ledger set timezone to 'UTC';
revoke all on database ledger from public;
grant connect on database ledger to ledger_service, ledger_analyst, ledger_reader;
\connect ledger
revoke all on schema public from public;
