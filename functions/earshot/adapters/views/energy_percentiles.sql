-- How loud each recording is for the corpus it belongs to (the host it came from; uploads are one corpus), beside its
-- class by fixed thresholds: of music nearly all is Medium Energy, and a share of what is in the table still tells loud
-- from quiet. energy_percentile is 0 for the quietest and 100 for the loudest; alone in its corpus, a recording has 0.
SELECT
  recording.gcp_url,
  recording.audio_id,
  REGEXP_EXTRACT(recording.source_url, r'^https?://([^/:]+)') AS corpus,
  recording.loudness,
  recording.classification,
  100 * PERCENT_RANK() OVER (
    PARTITION BY REGEXP_EXTRACT(recording.source_url, r'^https?://([^/:]+)') ORDER BY recording.loudness
  ) AS energy_percentile
FROM `${dataset}.audio_metadata` AS recording
WHERE recording.removed_at IS NULL
