-- Mark recordings whose object was deleted, or withdrawn on request. The first mark stays, but withdrawn replaces
-- deleted; of a withdrawn recording only its key, its numbers and the moments stay. A row of a newer generation is left
-- as it is. The parameter "shards" lists the rows' partitions, so that BigQuery reads and rewrites only those.
MERGE `$table` AS kept
USING (SELECT $selected FROM `$staging` AS r) AS fresh
ON $same AND kept.shard IN UNNEST(@shards)
WHEN MATCHED AND kept.generation <= fresh.generation AND (
  kept.removed_at IS NULL
  OR (fresh.removed_because = 'withdrawn' AND kept.removed_because != 'withdrawn')
) THEN
  UPDATE SET $assignments
