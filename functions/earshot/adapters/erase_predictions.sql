-- Erase what was heard in withdrawn recordings. The keys, shares and moments stay, so that counts stay true. The parameter
-- "gcp_urls" is a list; the shards stand here as literals, so that BigQuery reads only those partitions.
UPDATE `$table`
SET summary = NULL, top_labels = NULL, segments = NULL, embedding = NULL, scores_url = NULL, detail = NULL
WHERE shard IN ($shards) AND gcp_url IN UNNEST(@gcp_urls)
