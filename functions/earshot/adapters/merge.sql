-- Upsert staged rows whose key is, or may be, in the table: the newer row of a key wins.
-- The parameter "shards" lists the rows' partitions, so that BigQuery reads and rewrites only those; "keys" lists the
-- key hashes of the rows meant. `$newer` compares the columns of `ORDER` in turn.
MERGE `$table` AS kept
USING (SELECT $selected FROM `$staging` AS r WHERE r.key_hash IN UNNEST(@keys)) AS fresh
ON $same AND kept.shard IN UNNEST(@shards)
WHEN MATCHED AND $newer THEN
  UPDATE SET $assignments
WHEN NOT MATCHED THEN
  INSERT ($columns) VALUES ($values)
