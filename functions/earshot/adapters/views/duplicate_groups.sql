-- Which recordings are the same, and which copy to keep: one row each, alone in its group or not. The same bytes are the
-- same; so are the same decoded samples (other tags, another lossless container), and the same acoustic fingerprint
-- where it is known and long enough to mean something (another codec). A file measured before a column came is joined
-- by what it shares with one measured since. The group's name follows from what its copies share and not from which
-- they are, so another copy does not change it, and splits made by it do not leak.
-- Best copy: an original before a preview, undamaged before damaged, then the widest band, the longest, the first.
WITH standing AS (
  SELECT
    recording.gcp_url,
    recording.audio_id,
    recording.source_url,
    recording.rendition,
    recording.decode_fault,
    recording.bandwidth_hz,
    recording.duration_ms,
    recording.fetched_at,
    recording.content_sha256,
    COALESCE(recording.content_sha256, recording.gcp_url) AS same_bytes,
    recording.pcm_sha256,
    IF(LENGTH(recording.fingerprint) >= 100, recording.fingerprint, NULL) AS fingerprint
  FROM `${dataset}.audio_metadata` AS recording
  WHERE recording.removed_at IS NULL
),
heard AS (
  SELECT
    standing.*,
    COALESCE(MAX(standing.pcm_sha256) OVER (PARTITION BY standing.same_bytes), standing.same_bytes) AS same_samples
  FROM standing
),
grouped AS (
  SELECT
    heard.*,
    COALESCE(MAX(heard.fingerprint) OVER (PARTITION BY heard.same_samples), heard.same_samples) AS same_sound
  FROM heard
),
ranked AS (
  SELECT
    grouped.*,
    COUNT(*) OVER (PARTITION BY grouped.same_sound) AS copies,
    ROW_NUMBER() OVER (
      PARTITION BY grouped.same_sound
      ORDER BY
        IF(grouped.rendition = 'preview', 1, 0),
        IF(grouped.decode_fault IS NULL, 0, 1),
        COALESCE(grouped.bandwidth_hz, 0) DESC,
        grouped.duration_ms DESC,
        COALESCE(grouped.fetched_at, TIMESTAMP '9999-01-01 00:00:00+00'),
        grouped.gcp_url
    ) AS place
  FROM grouped
)
SELECT
  SUBSTR(TO_HEX(SHA256(ranked.same_sound)), 1, 16) AS group_id,
  ranked.gcp_url,
  ranked.audio_id,
  REGEXP_EXTRACT(ranked.source_url, r'^https?://([^/:]+)') AS source_host,
  ranked.copies,
  ranked.place,
  ranked.place = 1 AS is_best_copy,
  best.gcp_url AS best_gcp_url,
  CASE
    WHEN ranked.place = 1 THEN NULL
    WHEN ranked.same_bytes = best.same_bytes THEN 'bytes'
    WHEN ranked.same_samples = best.same_samples THEN 'samples'
    ELSE 'fingerprint'
  END AS same_as_best
FROM ranked
JOIN ranked AS best ON best.same_sound = ranked.same_sound AND best.place = 1
