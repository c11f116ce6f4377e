-- Every stretch in which a label holds, one row each: of recordings that are there, by the task that heard it.
SELECT
  prediction.gcp_url,
  prediction.audio_id,
  prediction.source_host,
  prediction.task,
  prediction.model,
  prediction.model_version,
  JSON_VALUE(segment, '$.label') AS label,
  CAST(JSON_VALUE(segment, '$.start_ms') AS INT64) AS start_ms,
  CAST(JSON_VALUE(segment, '$.end_ms') AS INT64) AS end_ms,
  CAST(JSON_VALUE(segment, '$.score') AS FLOAT64) AS score
FROM `${dataset}.predictions_current` AS prediction
CROSS JOIN UNNEST(JSON_QUERY_ARRAY(prediction.segments)) AS segment
