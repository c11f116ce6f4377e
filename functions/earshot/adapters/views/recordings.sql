-- The current recordings: one row each, without those whose object was deleted or withdrawn, and with the host
-- they came from (NULL for a file uploaded to the bucket by hand). The other views read this one.
SELECT
  recording.gcp_url,
  recording.audio_id,
  recording.generation,
  recording.analyser_version,
  REGEXP_EXTRACT(recording.source_url, r'^https?://([^/:]+)') AS source_host,
  recording.source_url,
  recording.page_url,
  recording.author,
  recording.language,
  recording.license,
  recording.license_url,
  recording.license_from,
  recording.rendition,
  recording.duration_ms,
  recording.bytes,
  recording.content_sha256,
  recording.found_at,
  recording.fetched_at,
  recording.fetch_ms,
  recording.analysed_at,
  recording.analysis_ms,
  recording.cpu_ms
FROM `${dataset}.audio_metadata` AS recording
WHERE recording.removed_at IS NULL
