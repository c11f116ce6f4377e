-- What is heard in each recording, one row a task: only of recordings that are there, and only what was heard of their
-- present generation. Shares are NULL where the task does not know the label; reason says why nothing could be heard.
SELECT
  prediction.gcp_url,
  recording.audio_id,
  REGEXP_EXTRACT(recording.source_url, r'^https?://([^/:]+)') AS source_host,
  recording.duration_ms,
  prediction.task,
  prediction.generation,
  prediction.model,
  prediction.model_version,
  prediction.model_stage,
  JSON_VALUE(prediction.top_labels, '$[0].label') AS top_label,
  CAST(JSON_VALUE(prediction.top_labels, '$[0].score') AS FLOAT64) AS top_score,
  CAST(JSON_VALUE(prediction.top_labels, '$[0].coverage') AS FLOAT64) AS top_coverage,
  prediction.speech_ratio,
  prediction.music_ratio,
  prediction.singing_ratio,
  prediction.noise_ratio,
  prediction.silence_ratio,
  CAST(JSON_VALUE(prediction.summary, '$.quiet') AS FLOAT64) AS quiet_ratio,
  CAST(JSON_VALUE(prediction.summary, '$.normal') AS FLOAT64) AS normal_ratio,
  CAST(JSON_VALUE(prediction.summary, '$.loud') AS FLOAT64) AS loud_ratio,
  prediction.dnsmos_sig,
  prediction.dnsmos_bak,
  prediction.dnsmos_ovrl,
  prediction.summary,
  prediction.top_labels,
  prediction.segments,
  prediction.segments_cut,
  prediction.embedding,
  prediction.scores_url,
  prediction.hop_ms,
  prediction.reason,
  prediction.detail,
  prediction.cpu_ms,
  prediction.analysed_at
FROM `${dataset}.predictions` AS prediction
JOIN `${dataset}.audio_metadata` AS recording
  ON recording.gcp_url = prediction.gcp_url AND recording.generation = prediction.generation
WHERE prediction.removed_at IS NULL AND recording.removed_at IS NULL
