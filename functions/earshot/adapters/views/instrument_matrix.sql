-- Which instruments occur together: one row a pair, both ways round, with how many recordings have both for at least a
-- second each. A pair of an instrument with itself counts the recordings that have it.
WITH present AS (
  SELECT segment.gcp_url, segment.label, SUM(segment.end_ms - segment.start_ms) AS heard_ms
  FROM `${dataset}.segments` AS segment
  WHERE segment.task = 'instruments'
  GROUP BY segment.gcp_url, segment.label
  HAVING SUM(segment.end_ms - segment.start_ms) >= 1000
)
SELECT
  one.label AS instrument,
  other.label AS with_instrument,
  COUNT(*) AS recordings,
  SUM(LEAST(one.heard_ms, other.heard_ms)) / 3600000 AS hours
FROM present AS one
JOIN present AS other ON other.gcp_url = one.gcp_url
GROUP BY one.label, other.label
