-- Under which licence there is how much, and what each allows: one row a licence. The terms are read from the SPDX
-- identifier's own parts (NC, ND, SA); for a licence that is unknown or not of these families they are NULL, which
-- means "ask", not "no".
WITH known AS (
  SELECT
    COALESCE(recording.license, 'unknown') AS license,
    CASE
      WHEN REGEXP_CONTAINS(recording.license, r'^(CC0-1\.0|PDDL-1\.0|CC-PDDC)$') THEN 'free'
      WHEN STARTS_WITH(recording.license, 'CC-BY') THEN 'attribution'
    END AS family,
    recording.license_from,
    recording.author,
    recording.source_host,
    recording.duration_ms
  FROM `${dataset}.recordings` AS recording
)
SELECT
  known.license,
  CASE known.family WHEN 'free' THEN TRUE WHEN 'attribution' THEN known.license NOT LIKE '%-NC%' END AS allows_commercial_use,
  CASE known.family WHEN 'free' THEN TRUE WHEN 'attribution' THEN known.license NOT LIKE '%-ND%' END AS allows_derivatives,
  CASE known.family WHEN 'free' THEN FALSE WHEN 'attribution' THEN TRUE END AS needs_attribution,
  CASE known.family WHEN 'free' THEN FALSE WHEN 'attribution' THEN known.license LIKE '%-SA%' END AS must_share_alike,
  COUNT(*) AS recordings,
  SUM(known.duration_ms) / 3600000 AS hours,
  COUNT(DISTINCT known.source_host) AS hosts,
  STRING_AGG(DISTINCT known.license_from, ',' ORDER BY known.license_from) AS read_from,
  COUNTIF(known.family = 'attribution' AND known.author IS NULL) AS without_author
FROM known
GROUP BY known.license, known.family
