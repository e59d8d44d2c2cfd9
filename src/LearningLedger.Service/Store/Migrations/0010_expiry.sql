-- When awards end, for the search that each minute looks for those whose time is over. Times are text of one fixed form, so they compare as text.
create index mt_events_award_end on ledger.mt_events (((data ->> 'expiresAt') collate "C"))
  where type in ('milestone.awarded', 'award.renewed') and data ->> 'expiresAt' is not null;

-- What happened to an award last: tells at once that one of the above is settled already.
create index mt_events_award_step on ledger.mt_events ((data ->> 'award'), seq_id)
  where type in ('award.renewed', 'award.suspended', 'award.reinstated', 'award.revoked', 'award.expired');

-- What people and keys decided, for the audit of duties; a small part of all events.
create index mt_events_decision on ledger.mt_events (tenant_id, seq_id)
  where type in ('evidence.reviewed', 'attempt.voided', 'milestone.awarded', 'award.affirmed', 'award.suspended', 'award.reinstated', 'award.revoked', 'award.renewed');
