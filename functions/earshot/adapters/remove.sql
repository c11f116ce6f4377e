-- Mark recordings whose object is gone: deleted, or withdrawn on request. The first mark stays, but withdrawn follows on
-- deleted; of a withdrawn recording only its key, its numbers and the moments are kept. A row of a newer generation
-- is left alone. The parameter "rows" is an ARRAY<STRUCT> with one element a key.
MERGE `$table` AS kept
USING (SELECT $selected FROM UNNEST(@rows) AS r) AS fresh
ON $same AND kept.shard IN ($shards)
WHEN MATCHED AND kept.generation <= fresh.generation AND (
  kept.removed_at IS NULL
  OR (fresh.removed_because = 'withdrawn' AND kept.removed_because != 'withdrawn')
) THEN
  UPDATE SET $assignments
