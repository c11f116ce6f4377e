-- How much is kept at which threshold: for each metric, at up to 21 thresholds that cut its values into twentieths, the
-- hours at or above and below, by host and licence. Sum over hosts and licences for the whole. Look here before a
-- rule goes into policies.
WITH measured AS (
  SELECT
    metrics.metric,
    metrics.value,
    recording.source_host,
    recording.license,
    recording.duration_ms
  FROM `${dataset}.audio_metrics` AS metrics
  JOIN `${dataset}.recordings` AS recording ON recording.gcp_url = metrics.gcp_url
  WHERE metrics.value IS NOT NULL
),
cuts AS (
  SELECT metric, APPROX_QUANTILES(value, 20) AS thresholds FROM measured GROUP BY metric
),
binned AS (
  SELECT
    measured.metric,
    measured.source_host,
    measured.license,
    RANGE_BUCKET(measured.value, cuts.thresholds) AS reached,
    COUNT(*) AS recordings,
    SUM(measured.duration_ms) / 3600000 AS hours
  FROM measured
  JOIN cuts ON cuts.metric = measured.metric
  GROUP BY measured.metric, measured.source_host, measured.license, reached
)
SELECT DISTINCT
  binned.metric,
  threshold,
  binned.source_host,
  binned.license,
  SUM(IF(binned.reached > place, binned.recordings, 0)) AS recordings_at_or_above,
  SUM(IF(binned.reached > place, binned.hours, 0)) AS hours_at_or_above,
  SUM(IF(binned.reached > place, 0, binned.hours)) AS hours_below
FROM binned
JOIN cuts ON cuts.metric = binned.metric
CROSS JOIN UNNEST(cuts.thresholds) AS threshold WITH OFFSET AS place
GROUP BY binned.metric, threshold, place, binned.source_host, binned.license
