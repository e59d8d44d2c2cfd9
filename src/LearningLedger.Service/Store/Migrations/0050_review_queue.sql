-- The reviewer's queue: evidence of a tenant in the order it came, and what was said of it. The order of the ledger finds the oldest open item first.
create index fact_evidence_submitted on analytics.fact_evidence (tenant, sequence) include (learner, evidence) where kind = 'submitted';
create index fact_evidence_withdrawn on analytics.fact_evidence (tenant, evidence) include (learner) where kind = 'withdrawn';
create index fact_review_evidence on analytics.fact_review (tenant, evidence) include (learner);

-- Evidence nobody has judged and nobody has taken back.
create view analytics.open_evidence with (security_invoker = true) as
  select s.tenant, s.sequence, s.event_id, s.learner, s.evidence, s.occurred, s.recorded, s.milestone, s.skills, s.media_type, s.size, s.source
  from analytics.fact_evidence s
  where s.kind = 'submitted'
    and not exists (select from analytics.fact_review r where r.tenant = s.tenant and r.evidence = s.evidence and r.learner = s.learner)
    and not exists (select from analytics.fact_evidence w where w.kind = 'withdrawn' and w.tenant = s.tenant and w.evidence = s.evidence and w.learner = s.learner);
comment on view analytics.open_evidence is 'Evidence that waits for its first verdict: submitted, not withdrawn, not reviewed.';

do $$
declare
  described record;
begin
  for described in
    select d.name, d.text from (values
      ('tenant', 'The organisation.'),
      ('sequence', 'Place of the submission in the ledger.'),
      ('event_id', 'The submission.'),
      ('learner', 'Whose it is: a random UUID.'),
      ('evidence', 'The platform''s UUID of it.'),
      ('occurred', 'When it was handed in, by the source''s clock, UTC.'),
      ('recorded', 'When it was recorded, by the database''s clock, UTC.'),
      ('milestone', 'Code of the milestone it counts for alone; null: wherever one of its skills belongs.'),
      ('skills', 'Codes of its skills.'),
      ('media_type', 'RFC 6838 media type.'),
      ('size', 'Bytes.'),
      ('source', 'URI of the platform.')) as d (name, text)
  loop
    execute format('comment on column analytics.open_evidence.%I is %L', described.name, described.text);
  end loop;
end
$$;

call analytics.grant_readers();
