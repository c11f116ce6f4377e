-- One row per recording in the six columns of a plain speech collection: what it is called, where it lies, how long
-- it lasts in seconds, and how good its speech is by PESQ. pesq_score and quality_label are NULL where no valid
-- clean reference is known; audio_metadata.pesq_status says why.
SELECT
  recording.audio_id AS id,
  COALESCE(recording.link_text, recording.file_name) AS title,
  recording.gcp_url AS file_path,
  recording.duration_ms / 1000 AS duration,
  recording.pesq AS pesq_score,
  recording.quality_label
FROM `${dataset}.audio_metadata` AS recording
WHERE recording.removed_at IS NULL
