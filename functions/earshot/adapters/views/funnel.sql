-- From links found to recordings accepted, for each host: how many were lost at which step and why, and how many got
-- through. Within a step the recordings add up to those that got through the step before. The last step judges by the
-- policy named default; its reason is the whole list of codes.
WITH stored AS (
  SELECT
    recording.audio_id,
    REGEXP_EXTRACT(recording.source_url, r'^https?://([^/:]+)') AS source_host,
    recording.duration_ms,
    recording.removed_because AS removed,
    verdict.verdict,
    verdict.reasons
  FROM `${dataset}.audio_metadata` AS recording
  LEFT JOIN `${dataset}.audio_verdicts` AS verdict
    ON verdict.gcp_url = recording.gcp_url AND verdict.policy = 'default'
),
refused AS (
  SELECT
    refusal.audio_id,
    refusal.source_host,
    refusal.stage,
    refusal.reason
  FROM `${dataset}.open_refusals` AS refusal
  LEFT JOIN stored ON stored.audio_id = refusal.audio_id
  WHERE stored.audio_id IS NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY refusal.audio_id ORDER BY refusal.last_seen DESC, refusal.gcp_url) = 1
),
steps AS (
  SELECT '1 fetched' AS step, source_host, 'kept' AS outcome, CAST(NULL AS STRING) AS reason, duration_ms
  FROM stored
  UNION ALL
  SELECT '1 fetched', source_host, IF(stage = 'analyser', 'kept', 'lost'), IF(stage = 'analyser', NULL, reason), NULL
  FROM refused
  UNION ALL
  SELECT '2 measured', source_host, 'kept', NULL, duration_ms
  FROM stored
  UNION ALL
  SELECT '2 measured', source_host, 'lost', reason, NULL
  FROM refused
  WHERE stage = 'analyser'
  UNION ALL
  SELECT '3 not removed', source_host, IF(removed IS NULL, 'kept', 'lost'), removed, duration_ms
  FROM stored
  UNION ALL
  SELECT '4 judged', source_host, verdict, reasons, duration_ms
  FROM stored
  WHERE verdict IS NOT NULL
)
SELECT
  steps.source_host,
  steps.step,
  steps.outcome,
  steps.reason,
  COUNT(*) AS recordings,
  SUM(steps.duration_ms) / 3600000 AS hours
FROM steps
GROUP BY steps.source_host, steps.step, steps.outcome, steps.reason
