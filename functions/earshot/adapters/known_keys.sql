-- Key hashes of staged rows that the table has already: reads one column of 8 bytes a row.
SELECT DISTINCT kept.key_hash
FROM `$table` AS kept
WHERE kept.key_hash IN (SELECT r.key_hash FROM `$staging` AS r)
