-- What must no longer be used: recordings whose object was deleted, and those withdrawn on request, which are never
-- fetched again. Whoever has trained on an export compares its audio_id column with this.
SELECT
  recording.audio_id,
  recording.gcp_url,
  recording.removed_at,
  recording.removed_because
FROM `${dataset}.audio_metadata` AS recording
WHERE recording.removed_at IS NOT NULL
UNION ALL
SELECT
  refused.audio_id,
  NULL AS gcp_url,
  refused.last_seen AS removed_at,
  refused.reason AS removed_because
FROM `${dataset}.refusals` AS refused
LEFT JOIN `${dataset}.audio_metadata` AS recording ON recording.audio_id = refused.audio_id
WHERE refused.reason = 'withdrawn' AND recording.audio_id IS NULL
