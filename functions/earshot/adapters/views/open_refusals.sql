-- The refusals that still stand. The table refusals is a memory and keeps every one; a refusal is over once something
-- later succeeded: the link was fetched after it was refused, or the file was measured by the same or a newer analyser,
-- or in a newer generation.
SELECT
  refused.gcp_url,
  refused.generation,
  refused.audio_id,
  refused.source_url,
  refused.file_name,
  REGEXP_EXTRACT(refused.source_url, r'^https?://([^/:]+)') AS source_host,
  refused.page_url,
  refused.stage,
  refused.reason,
  refused.detail,
  refused.evidence,
  refused.retryable,
  refused.attempts,
  refused.first_seen,
  refused.last_seen
FROM `${dataset}.refusals` AS refused
LEFT JOIN `${dataset}.recordings` AS later
  ON later.audio_id = refused.audio_id
  AND CASE
    WHEN refused.stage = 'analyser' THEN
      later.generation > refused.generation
      OR (later.generation = refused.generation AND later.analyser_version >= refused.analyser_version)
    ELSE later.fetched_at > refused.last_seen
  END
WHERE later.audio_id IS NULL
