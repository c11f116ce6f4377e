-- Erase what earlier measurements say of withdrawn recordings: tags and fingerprints among them. The keys stay, so that a
-- count of what was measured stays true. The parameter "gcp_urls" is a list; the shards stand here as literals, so that
-- BigQuery reads only those partitions.
UPDATE `$table`
SET measures = NULL
WHERE shard IN ($shards) AND gcp_url IN UNNEST(@gcp_urls)
