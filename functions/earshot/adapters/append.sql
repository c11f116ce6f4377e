-- Append rows to a table that is never changed otherwise. The parameter "rows" is an ARRAY<STRUCT>.
INSERT INTO `$table` ($columns)
SELECT $selected
FROM UNNEST(@rows) AS r
