-- A sealed statement makes a row of two to four kilobytes. What is sealed cannot be compressed, and out of its row it would be two or three more rows and
-- index entries: to be written, and to be fetched again for the log, for a reader, for whoever verifies.
alter table ledger.mt_events set (toast_tuple_target = 8160);

-- What every row has another of tells the planner nothing, and to sort a sample of it was a third to a half of each look at these tables.
alter table ledger.mt_events alter column id set statistics 0;
alter table tlog.entry alter column leaf set statistics 0;
alter table analytics.fact_attempt alter column event_id set statistics 0;
