-- What statements mean is asked with every commit of statements; the count of published mappings tells whether what is in memory is current.
create index mt_events_mapping on ledger.mt_events (tenant_id, seq_id) where type = 'mapping.published';
