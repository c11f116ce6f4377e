-- Put the first rows into a table, but none of a name that it has already: what people changed stays as it is.
-- The parameter "rows" is an ARRAY<STRUCT>.
INSERT INTO `$table` ($columns)
SELECT $selected
FROM UNNEST(@rows) AS r
LEFT JOIN (SELECT DISTINCT $column AS known FROM `$table`) AS kept ON kept.known = r.$column
WHERE kept.known IS NULL
