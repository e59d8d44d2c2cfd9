-- Who may read: one login role per tenant for analysts, members of ledger_analyst, and readers of suppressed figures, members of ledger_reader.
-- Rows are chosen by session_user, which no setting and no `set role` changes, in a table these roles cannot write.

create table registry.minimum_cell (
  tenant  text not null references registry.tenant,
  set_at  timestamptz not null default clock_timestamp(),
  minimum int not null check (minimum between 1 and 1000),
  set_by  text not null,
  primary key (tenant, set_at)
);
comment on table registry.minimum_cell is 'Fewest people a shown figure of a tenant may tell of; the newest row is in force. Without one the service''s setting is.';

create table analytics.analyst (
  role       name primary key,
  tenant     text not null,
  kind       text not null check (kind in ('analyst', 'reader')),
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  unique (tenant, kind)
);
comment on table analytics.analyst is 'Which tenant''s rows a login role sees. Analysts and readers cannot write here and see their own row alone.';
comment on column analytics.analyst.role is 'The login role.';
comment on column analytics.analyst.tenant is 'The tenant whose rows it sees.';
comment on column analytics.analyst.kind is 'analyst: pseudonymous rows. reader: suppressed figures only.';
comment on column analytics.analyst.created_at is 'When it was made, by the database''s clock.';
comment on column analytics.analyst.created_by is 'Who made it: key:id or person:code.';

create table analytics.released_answer (
  tenant       text not null,
  cohort       text not null,
  question     text not null,
  milestone    text not null default '',
  sequence     bigint not null,
  computed_at  timestamptz not null,
  minimum_cell int not null,
  answer       jsonb not null,
  primary key (tenant, cohort, question, milestone)
);
comment on table analytics.released_answer is
  'The newest answer to each question about each open cohort, as the HTTP API gives it: small counts are hidden already, and so are those that would give them away. '
  'The suppressed_* views unfold it. Not projected from events row by row; the service works it out anew as the ledger moves.';
comment on column analytics.released_answer.tenant is 'The organisation; every question begins with it.';
comment on column analytics.released_answer.cohort is 'Code of the cohort.';
comment on column analytics.released_answer.question is 'funnel, time-to-milestone, skills, mastery, assessors, trends, stuck or expiring.';
comment on column analytics.released_answer.milestone is 'Code of the milestone where the question is about one, else empty.';
comment on column analytics.released_answer.sequence is 'The point of the ledger the answer is of.';
comment on column analytics.released_answer.computed_at is 'Recorded time of the last event up to that point.';
comment on column analytics.released_answer.minimum_cell is 'Fewest people a figure of it tells of.';
comment on column analytics.released_answer.answer is 'The answer.';

-- Row policies. The owner and whoever runs the service see everything (see also the grants of the service''s role); anybody else their tenant.
do $$
declare
  rel text;
begin
  for rel in select tablename from pg_tables where schemaname = 'analytics' order by 1 loop
    execute format('alter table analytics.%I enable row level security', rel);
    execute format('alter table analytics.%I force row level security', rel);
    execute format('create policy owner on analytics.%I to %I using (true) with check (true)', rel, current_user);
    if rel = 'analyst' then
      create policy reader on analytics.analyst for select using (role = session_user);
    elsif rel <> 'high_water_note' then
      execute format('create policy reader on analytics.%I for select using (tenant = (select a.tenant from analytics.analyst a where a.role = session_user))', rel);
    end if;
  end loop;
end
$$;

-- Grants to the two groups, where they exist. Repeated by `migrate --grant-to` and when the first analyst is made.
create procedure analytics.grant_readers() language plpgsql as $$
declare
  rel record;
begin
  for rel in select c.relname, c.relname in ('analyst', 'released_answer') or c.relname like 'suppressed\_%' as suppressed
      from pg_class c where c.relnamespace = 'analytics'::regnamespace and c.relkind in ('r', 'v') and c.relname <> 'high_water_note' loop
    if exists (select from pg_roles where rolname = 'ledger_analyst') then
      execute format('grant select on analytics.%I to ledger_analyst', rel.relname);
    end if;
    if exists (select from pg_roles where rolname = 'ledger_reader') then
      execute format('%s select on analytics.%I %s ledger_reader',
        case when rel.suppressed then 'grant' else 'revoke' end, rel.relname, case when rel.suppressed then 'to' else 'from' end);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'ledger_analyst') then
    grant usage on schema analytics to ledger_analyst;
    revoke all on analytics.high_water_note from ledger_analyst;
  end if;
  if exists (select from pg_roles where rolname = 'ledger_reader') then
    grant usage on schema analytics to ledger_reader;
    revoke all on analytics.high_water_note from ledger_reader;
  end if;
end
$$;
comment on procedure analytics.grant_readers is 'Grants ledger_analyst everything but what tells of other tenants, and ledger_reader the suppressed figures only. Called by the schema''s owner.';
revoke execute on procedure analytics.grant_readers, analytics.project from public;
