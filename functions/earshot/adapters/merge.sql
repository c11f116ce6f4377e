-- Upsert a batch of rows, newest measurement wins.
-- The shards of the batch stand here as literals, so that BigQuery reads only those partitions of the table;
-- an older generation, or an older analyser or model on the same generation, never replaces what is kept.
-- The parameter "rows" is an ARRAY<STRUCT> with one element a key.
MERGE `$table` AS kept
USING (SELECT $selected FROM UNNEST(@rows) AS r) AS fresh
ON $same AND kept.shard IN ($shards)
WHEN MATCHED AND (
  fresh.generation > kept.generation
  OR (fresh.generation = kept.generation AND fresh.$version >= kept.$version)
) THEN
  UPDATE SET $assignments
WHEN NOT MATCHED THEN
  INSERT ($columns) VALUES ($values)
