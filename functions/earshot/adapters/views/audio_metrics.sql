-- Every measure of every recording as one line (recording, metric, value): what a policy's rule and a distribution
-- read. A metric has the name of its column; TRUE counts 1 and FALSE 0; a measure that is not known is a line with
-- NULL, so that a rule can ask for that as well.
SELECT
  recording.gcp_url,
  measured.metric,
  measured.value
FROM `${dataset}.audio_metadata` AS recording
CROSS JOIN UNNEST([
  STRUCT('loudness' AS metric, recording.loudness AS value),
  STRUCT('duration_ms' AS metric, CAST(recording.duration_ms AS FLOAT64) AS value),
  STRUCT('bytes' AS metric, CAST(recording.bytes AS FLOAT64) AS value),
  STRUCT('sample_rate_hz' AS metric, CAST(recording.sample_rate_hz AS FLOAT64) AS value),
  STRUCT('channels' AS metric, CAST(recording.channels AS FLOAT64) AS value),
  STRUCT('is_silent' AS metric, CAST(CAST(recording.is_silent AS INT64) AS FLOAT64) AS value),
  STRUCT('pesq' AS metric, recording.pesq AS value),
  STRUCT('pesq_min' AS metric, recording.pesq_min AS value),
  STRUCT('pesq_windows' AS metric, CAST(recording.pesq_windows AS FLOAT64) AS value)
]) AS measured
WHERE recording.removed_at IS NULL
