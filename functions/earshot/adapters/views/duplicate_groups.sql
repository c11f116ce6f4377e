-- Which recordings are the same, and which copy to keep: one row each, alone in its group or not. Same means the same
-- bytes. The group's name follows from what its copies share, so it does not change when another copy comes, and splits
-- that are made by it never leak. Best copy: an original before a preview, then the longest, then the first fetched.
WITH keyed AS (
  SELECT
    recording.gcp_url,
    recording.audio_id,
    recording.source_host,
    recording.rendition,
    recording.duration_ms,
    recording.fetched_at,
    recording.content_sha256,
    COALESCE(recording.content_sha256, recording.gcp_url) AS shared
  FROM `${dataset}.recordings` AS recording
)
SELECT
  SUBSTR(TO_HEX(SHA256(keyed.shared)), 1, 16) AS group_id,
  keyed.gcp_url,
  keyed.audio_id,
  keyed.source_host,
  COUNT(*) OVER (PARTITION BY keyed.shared) AS copies,
  ROW_NUMBER() OVER best AS place,
  ROW_NUMBER() OVER best = 1 AS is_best_copy,
  FIRST_VALUE(keyed.gcp_url) OVER best AS best_gcp_url
FROM keyed
WINDOW best AS (
  PARTITION BY keyed.shared
  ORDER BY IF(keyed.rendition = 'preview', 1, 0), keyed.duration_ms DESC, keyed.fetched_at, keyed.gcp_url
)
