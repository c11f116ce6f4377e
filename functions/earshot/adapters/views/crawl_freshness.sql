-- How old what is known of each page is: when its links were last found, when a recording of it was last fetched, and
-- how many recordings and open refusals it has. Old pages first are the next crawl's list.
WITH known AS (
  SELECT source_host, page_url, 1 AS recordings, 0 AS refused, found_at, fetched_at
  FROM `${dataset}.recordings`
  WHERE page_url IS NOT NULL
  UNION ALL
  SELECT source_host, page_url, 0, 1, last_seen, NULL
  FROM `${dataset}.open_refusals`
  WHERE page_url IS NOT NULL
)
SELECT
  known.page_url,
  SUM(known.recordings) AS recordings,
  SUM(known.refused) AS refused,
  MAX(known.found_at) AS last_found_at,
  MAX(known.fetched_at) AS last_fetched_at,
  TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), MAX(known.found_at), HOUR) AS hours_since_found
FROM known
GROUP BY known.page_url
