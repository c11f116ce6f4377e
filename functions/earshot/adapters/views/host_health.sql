-- How each host behaves: what it gave, what it refused and why, how fast it is. A host whose refusals rise or whose last
-- success is old has changed something; look at its reasons before it is crawled again.
WITH seen AS (
  SELECT source_host, fetch_ms, bytes, fetched_at, CAST(NULL AS TIMESTAMP) AS refused_at, CAST(NULL AS STRING) AS reason
  FROM `${dataset}.recordings`
  UNION ALL
  SELECT source_host, NULL, NULL, NULL, last_seen, reason
  FROM `${dataset}.open_refusals`
),
counted AS (
  SELECT source_host, reason, COUNT(*) AS refused FROM seen WHERE reason IS NOT NULL GROUP BY source_host, reason
),
named AS (
  SELECT source_host, STRING_AGG(CONCAT(reason, ' ', CAST(refused AS STRING)), ', ' ORDER BY refused DESC, reason) AS reasons
  FROM counted
  GROUP BY source_host
)
SELECT
  seen.source_host,
  COUNTIF(seen.reason IS NULL) AS recordings,
  COUNTIF(seen.reason IS NOT NULL) AS refused,
  COUNTIF(seen.reason IS NOT NULL) / COUNT(*) AS refused_share,
  ANY_VALUE(named.reasons) AS reasons,
  AVG(seen.fetch_ms) AS mean_fetch_ms,
  MAX(seen.fetch_ms) AS slowest_fetch_ms,
  SAFE_DIVIDE(SUM(IF(seen.fetch_ms > 0, seen.bytes, NULL)) / 1000, SUM(IF(seen.fetch_ms > 0, seen.fetch_ms, NULL))) AS mean_mb_per_s,
  MAX(seen.fetched_at) AS last_success,
  MAX(seen.refused_at) AS last_refusal
FROM seen
LEFT JOIN named ON named.source_host = seen.source_host
WHERE seen.source_host IS NOT NULL
GROUP BY seen.source_host
