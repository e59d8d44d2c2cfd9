-- Room on each page for the new version of a stream's row, which then needs no new index entry: half of them did.
alter table ledger.mt_streams set (fillfactor = 60);

-- Nothing is planned by the distribution of bodies and headers, and to sort 30,000 of them is most of the cost of an analyze.
alter table ledger.mt_events alter column data set statistics 0, alter column headers set statistics 0;
