-- The mean embedding of each recording as an array of numbers, one row a recording and model that has a backbone: what
-- VECTOR_SEARCH and ML.DISTANCE take. Only embeddings of one model can be compared.
SELECT
  prediction.gcp_url,
  prediction.audio_id,
  prediction.source_host,
  prediction.task,
  prediction.model,
  prediction.model_version,
  ARRAY(
    SELECT CAST(number AS FLOAT64)
    FROM UNNEST(JSON_VALUE_ARRAY(prediction.embedding)) AS number WITH OFFSET AS place
    ORDER BY place
  ) AS embedding
FROM `${dataset}.predictions_current` AS prediction
WHERE prediction.embedding IS NOT NULL
