-- Stretches that a person could judge, with how much a judgement would say: rows of `segments` of the tasks that can be
-- trained. `uncertainty` is 1 at a score of one half and 0 at certainty; `is_disagreement` where a person has judged the
-- stretch otherwise; `is_judged` where a person has judged any part of it; `lot` is a fixed random number of the stretch.
WITH judged AS (
  SELECT
    segment.gcp_url,
    segment.task,
    segment.label,
    segment.start_ms,
    COUNTIF(NOT judgement.is_weak) > 0 AS is_judged,
    COUNTIF(NOT judgement.is_weak AND judgement.label = segment.label) > 0 AS is_confirmed
  FROM `${dataset}.segments` AS segment
  JOIN `${dataset}.annotations_current` AS judgement
    ON judgement.gcp_url = segment.gcp_url
    AND judgement.task = segment.task
    AND judgement.start_ms < segment.end_ms
    AND judgement.end_ms > segment.start_ms
  GROUP BY segment.gcp_url, segment.task, segment.label, segment.start_ms
)
SELECT
  segment.gcp_url,
  segment.task,
  segment.label,
  segment.start_ms,
  segment.end_ms,
  segment.score,
  segment.model,
  segment.model_version,
  1 - ABS(2 * segment.score - 1) AS uncertainty,
  COALESCE(judged.is_judged, FALSE) AS is_judged,
  COALESCE(judged.is_judged AND NOT judged.is_confirmed, FALSE) AS is_disagreement,
  MOD(ABS(FARM_FINGERPRINT(CONCAT(segment.gcp_url, ' ', segment.task, ' ', CAST(segment.start_ms AS STRING)))), 1000000) AS lot
FROM `${dataset}.segments` AS segment
LEFT JOIN judged
  ON judged.gcp_url = segment.gcp_url
  AND judged.task = segment.task
  AND judged.label = segment.label
  AND judged.start_ms = segment.start_ms
WHERE segment.task IN ('content', 'instruments', 'loudness_class') AND segment.label != 'silence'
