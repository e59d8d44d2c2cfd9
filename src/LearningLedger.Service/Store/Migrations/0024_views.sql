-- The questions as views, for the present: all that is projected, and "now" is the reader's now. Every one runs with the rights of who asks.

create view analytics.cohort_membership with (security_invoker = true) as
  select c.tenant, c.cohort, m.learner, m.joined, m.ended from analytics.dim_cohort c cross join lateral analytics.memberships(c.tenant, c.cohort, 9223372036854775807) m;
comment on view analytics.cohort_membership is 'Who belonged to which cohort from when until when; the intervals of a learner never overlap.';

create view analytics.cohort_funnel with (security_invoker = true) as
  select c.tenant, c.cohort, f.* from analytics.dim_cohort c cross join lateral analytics.funnel(c.tenant, c.cohort, 9223372036854775807) f;
comment on view analytics.cohort_funnel is 'Members by milestone: how far each cohort has come.';

create view analytics.cohort_progress with (security_invoker = true) as
  select c.tenant, c.cohort, p.* from analytics.dim_cohort c cross join lateral analytics.progress(c.tenant, c.cohort, 9223372036854775807) p;
comment on view analytics.cohort_progress is 'Every member by every milestone.';

create view analytics.cohort_skills with (security_invoker = true) as
  select c.tenant, c.cohort, s.skill, s.passing_score, s.attempts, s.learners, s.passes, s.first_passes, s.passed, s.pass_rate, s.first_try_rate, s.mean_score
    from analytics.dim_cohort c cross join lateral analytics.skills(c.tenant, c.cohort, 9223372036854775807) s;
comment on view analytics.cohort_skills is 'How hard each skill is for each cohort, by unvoided attempts of members.';

create view analytics.cohort_mastery with (security_invoker = true) as
  select c.tenant, c.cohort, m.* from analytics.dim_cohort c cross join lateral analytics.mastery(c.tenant, c.cohort, 9223372036854775807) m;
comment on view analytics.cohort_mastery is 'Members by the skills they tried.';

create view analytics.cohort_durations with (security_invoker = true) as
  select c.tenant, c.cohort, f.level, f.milestone, d.learner, d.joined, d.days, d.awarded
    from analytics.dim_cohort c cross join lateral (
      select m.level, m.milestone from analytics.judged_by(c.tenant, c.cohort, 9223372036854775807) j
        join analytics.dim_milestone m on m.tenant = c.tenant and m.framework = j.framework and m.framework_version = j.framework_version) f
    cross join lateral analytics.durations(c.tenant, c.cohort, 9223372036854775807, now(), f.milestone) d;
comment on view analytics.cohort_durations is 'Days from joining to each milestone, for survival curves: awarded, else censored now or on leaving.';

create view analytics.cohort_assessors with (security_invoker = true) as
  select c.tenant, c.cohort, a.* from analytics.dim_cohort c cross join lateral analytics.assessors(c.tenant, c.cohort, 9223372036854775807) a;
comment on view analytics.cohort_assessors is 'Who judged evidence of members, how much, how fast and how.';

create view analytics.cohort_agreement with (security_invoker = true) as
  select c.tenant, c.cohort, a.* from analytics.dim_cohort c cross join lateral analytics.agreement(c.tenant, c.cohort, 9223372036854775807) a;
comment on view analytics.cohort_agreement is 'Evidence that two assessors judged, by their verdicts.';

create view analytics.cohort_trends with (security_invoker = true) as
  select c.tenant, c.cohort, t.* from analytics.dim_cohort c cross join lateral analytics.trends(c.tenant, c.cohort, 9223372036854775807) t;
comment on view analytics.cohort_trends is 'What happened in each week, while those it happened to belonged to the cohort.';

create view analytics.cohort_stuck with (security_invoker = true) as
  select c.tenant, c.cohort, s.* from analytics.dim_cohort c cross join lateral analytics.stuck(c.tenant, c.cohort, 9223372036854775807, now(), 14) s;
comment on view analytics.cohort_stuck is 'Members without progress for 14 days, and the skill that blocks them.';

create view analytics.cohort_expiring with (security_invoker = true) as
  select c.tenant, c.cohort, e.* from analytics.dim_cohort c cross join lateral analytics.expiring(c.tenant, c.cohort, 9223372036854775807, now(), 90) e;
comment on view analytics.cohort_expiring is 'Standing awards of members that end within 90 days.';

-- Suppressed figures: what ledger_reader sees. Null is a count of too few people, or one that would give such a count away.
create view analytics.suppressed_funnel with (security_invoker = true) as
  select r.tenant, r.cohort, r.sequence, r.computed_at, r.minimum_cell, x.level, x.milestone, x.members, x.entered, x."inProgress" as in_progress, x.eligible,
      x.awarded, x.suspended, x.revoked, x.expired
    from analytics.released_answer r cross join lateral jsonb_to_recordset(r.answer -> 'milestones')
      as x (level int, milestone text, members bigint, entered bigint, "inProgress" bigint, eligible bigint, awarded bigint, suspended bigint, revoked bigint, expired bigint)
    where r.question = 'funnel';
comment on view analytics.suppressed_funnel is 'Members by milestone, small counts hidden.';

create view analytics.suppressed_durations with (security_invoker = true) as
  select r.tenant, r.cohort, r.sequence, r.computed_at, r.minimum_cell, r.milestone, x.days, x."atRisk" as at_risk, x.awarded, x.censored, x.survival, x.lower, x.upper
    from analytics.released_answer r cross join lateral jsonb_to_recordset(r.answer -> 'curve')
      as x (days numeric, "atRisk" bigint, awarded bigint, censored bigint, survival numeric, lower numeric, upper numeric)
    where r.question = 'time-to-milestone';
comment on view analytics.suppressed_durations is 'Days from joining to each milestone as a survival curve; its points are drawn together until each tells of enough people.';

create view analytics.suppressed_skills with (security_invoker = true) as
  select r.tenant, r.cohort, r.sequence, r.computed_at, r.minimum_cell, x.skill, x.attempts, x.learners, x."passRate" as pass_rate, x."firstTryRate" as first_try_rate,
      x."meanScore" as mean_score, x."medianTriesToPass" as median_tries_to_pass, x.discrimination
    from analytics.released_answer r cross join lateral jsonb_to_recordset(r.answer -> 'skills')
      as x (skill text, attempts bigint, learners bigint, "passRate" numeric, "firstTryRate" numeric, "meanScore" numeric, "medianTriesToPass" numeric, discrimination numeric)
    where r.question = 'skills';
comment on view analytics.suppressed_skills is 'How hard each skill is, where enough members tried it.';

create view analytics.suppressed_mastery with (security_invoker = true) as
  select r.tenant, r.cohort, r.sequence, r.computed_at, r.minimum_cell, x.skill, x.tried, x.passed
    from analytics.released_answer r cross join lateral jsonb_to_recordset(r.answer -> 'cohorts' -> 0 -> 'skills') as x (skill text, tried bigint, passed bigint)
    where r.question = 'mastery';
comment on view analytics.suppressed_mastery is 'How many members tried and passed each skill, small counts hidden.';

create view analytics.suppressed_assessors with (security_invoker = true) as
  select r.tenant, r.cohort, r.sequence, r.computed_at, r.minimum_cell, x.assessor, x.reviews, x.learners, x."acceptanceRate" as acceptance_rate, x."medianHours" as median_hours
    from analytics.released_answer r cross join lateral jsonb_to_recordset(r.answer -> 'assessors')
      as x (assessor text, reviews bigint, learners bigint, "acceptanceRate" numeric, "medianHours" numeric)
    where r.question = 'assessors';
comment on view analytics.suppressed_assessors is 'Who judged evidence of members, where it was that of enough of them.';

create view analytics.suppressed_trends with (security_invoker = true) as
  select r.tenant, r.cohort, r.sequence, r.computed_at, r.minimum_cell, x.week, x.attempts, x.learners, x.evidence, x.awarded, x.joined, x.ended
    from analytics.released_answer r cross join lateral jsonb_to_recordset(r.answer -> 'weeks')
      as x (week date, attempts bigint, learners bigint, evidence bigint, awarded bigint, joined bigint, ended bigint)
    where r.question = 'trends';
comment on view analytics.suppressed_trends is 'What happened in each week, small counts hidden.';

create view analytics.suppressed_stuck with (security_invoker = true) as
  select r.tenant, r.cohort, r.sequence, r.computed_at, r.minimum_cell, x.level, x.milestone, x.skill, x.learners
    from analytics.released_answer r cross join lateral jsonb_to_recordset(r.answer -> 'blocked') as x (level int, milestone text, skill text, learners bigint)
    where r.question = 'stuck';
comment on view analytics.suppressed_stuck is 'How many members had made no progress for 14 days, by what blocks them, small counts hidden.';

create view analytics.suppressed_expiring with (security_invoker = true) as
  select r.tenant, r.cohort, r.sequence, r.computed_at, r.minimum_cell, x.level, x.milestone, x.awards
    from analytics.released_answer r cross join lateral jsonb_to_recordset(r.answer -> 'milestones') as x (level int, milestone text, awards bigint)
    where r.question = 'expiring';
comment on view analytics.suppressed_expiring is 'How many awards of members end within 90 days, by milestone, small counts hidden.';

-- What the columns of the views mean, once for each name.
do $$
declare
  described record;
begin
  for described in
    select c.table_name, c.column_name, d.text from information_schema.columns c
      join information_schema.views v on v.table_schema = c.table_schema and v.table_name = c.table_name
      join (values
        ('tenant', 'The organisation; every question begins with it.'),
        ('cohort', 'Code of the cohort.'),
        ('sequence', 'The point of the ledger the figures are of.'),
        ('computed_at', 'Recorded time of the last event up to that point.'),
        ('minimum_cell', 'Fewest people a figure tells of.'),
        ('learner', 'The learner''s UUID.'),
        ('learners', 'Of how many members.'),
        ('joined', 'When the learner joined; in trends how many did.'),
        ('ended', 'When the membership ended, null: not yet; in trends how many did.'),
        ('level', 'Level of the milestone.'),
        ('milestone', 'Code of the milestone.'),
        ('members', 'Who belongs to the cohort.'),
        ('entered', 'Has an unvoided attempt at, or evidence for, one of its skills; in the funnel how many have.'),
        ('in_progress', 'Entered and never had an award of it.'),
        ('eligible', 'Meet its rule and never had an award of it.'),
        ('meets_rule', 'Whether its rule is met, as the ledger judges it.'),
        ('award', 'In cohort_progress where the latest award stands: awarded, suspended, reinstated, revoked, expired or renewed; in cohort_expiring the award.'),
        ('awarded', 'How many latest awards stand; in durations whether, or how often, it was awarded then; in trends awards that took effect.'),
        ('suspended', 'How many latest awards are suspended.'),
        ('revoked', 'How many latest awards were revoked.'),
        ('expired', 'How many latest awards have expired.'),
        ('skill', 'Code of the skill.'),
        ('passing_score', 'That of the lowest milestone that has the skill, 0 to 1.'),
        ('attempts', 'Unvoided attempts.'),
        ('passes', 'Attempts at or above the passing score.'),
        ('first_passes', 'Members whose first attempt passes.'),
        ('passed', 'Members with an attempt that passes; in cohort_mastery whether there is one.'),
        ('tried', 'Members who tried the skill.'),
        ('pass_rate', 'Share of attempts that pass, 0 to 1.'),
        ('first_try_rate', 'Share of those members whose first attempt passes, 0 to 1.'),
        ('mean_score', 'Mean of the scores, 0 to 1.'),
        ('best_score', 'Highest score, 0 to 1.'),
        ('median_tries_to_pass', 'Attempts until half have passed, by a survival curve over attempts.'),
        ('discrimination', 'Correlation of passing this skill and the share of other skills passed, each at first try.'),
        ('days', 'Days since joining.'),
        ('at_risk', 'Members still waiting just before then.'),
        ('censored', 'Members last watched then.'),
        ('survival', 'Probability of not having it by then (Kaplan-Meier).'),
        ('lower', 'Lower end of the 95 % band.'),
        ('upper', 'Upper end of the 95 % band.'),
        ('assessor', 'Who judged: key:id or person:code.'),
        ('other', 'The other assessor.'),
        ('reviews', 'Verdicts that stand.'),
        ('accepted', 'Verdicts that accept.'),
        ('acceptance_rate', 'Share of verdicts that accept, 0 to 1.'),
        ('median_hours', 'Hours from handing in to the verdict, the middle one.'),
        ('both_accepted', 'Evidence both accepted.'),
        ('only_assessor', 'Evidence the first alone accepted.'),
        ('only_other', 'Evidence the other alone accepted.'),
        ('both_rejected', 'Evidence both rejected.'),
        ('week', 'Monday of the week, UTC.'),
        ('evidence', 'Evidence handed in.'),
        ('last_progress', 'When the learner last made progress.'),
        ('idle_days', 'Days since then.'),
        ('expires_at', 'When the award ends.'),
        ('awards', 'How many awards.')) as d (name, text) on d.name = c.column_name
      where c.table_schema = 'analytics'
  loop
    execute format('comment on column analytics.%I.%I is %L', described.table_name, described.column_name, described.text);
  end loop;
end
$$;

call analytics.grant_readers();
