-- Insert staged rows whose key is not in the table; "keys" lists the key hashes of the others, which merge.sql upserts.
-- Without an UPDATE clause BigQuery bills what it reads, which is one column of 8 bytes a row, and no partition's size.
MERGE `$table` AS kept
USING (SELECT $selected FROM `$staging` AS r WHERE r.key_hash NOT IN UNNEST(@keys)) AS fresh
ON kept.key_hash = fresh.key_hash
WHEN NOT MATCHED THEN
  INSERT ($columns) VALUES ($values)
