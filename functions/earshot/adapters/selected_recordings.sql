-- The recordings that an export's query chooses: the query's own columns, then what the table knows of each, under
-- names of its own, and the group of its copies. Which of them the query is joined by depends on what it yields: gcp_url or audio_id.
WITH wanted AS (
$query
)
SELECT
  wanted.*,
  kept.gcp_url AS earshot_gcp_url,
  kept.audio_id AS earshot_audio_id,
  kept.generation AS earshot_generation,
  kept.bytes AS earshot_bytes,
  kept.duration_ms AS earshot_duration_ms,
  kept.sample_rate_hz AS earshot_sample_rate_hz,
  kept.channels AS earshot_channels,
  COALESCE(copies.group_id, kept.gcp_url) AS earshot_group,
  REGEXP_EXTRACT(kept.source_url, r'^https?://([^/:]+)') AS earshot_host,
  kept.author AS earshot_author,
  COALESCE(kept.link_text, kept.file_name) AS earshot_title,
  kept.license AS earshot_license,
  kept.license_url AS earshot_license_url,
  kept.source_url AS earshot_source_url,
  kept.page_url AS earshot_page_url,
  kept.fetched_at AS earshot_fetched_at,
  kept.removed_because AS earshot_withdrawn
FROM wanted
JOIN `$dataset.audio_metadata` AS kept ON kept.$theirs = wanted.$ours
LEFT JOIN `$dataset.duplicate_groups` AS copies ON copies.gcp_url = kept.gcp_url
$limit
