-- What holds in recordings that a person has judged, as shares of their duration: within judged stretches what the latest
-- judgement says, elsewhere what is heard. Only recordings with a judgement are here, task by task; judgements of programs
-- do not count. An empty label is a stretch in which none of the task's labels holds.
WITH judged AS (
  SELECT
    judgement.gcp_url,
    judgement.task,
    judgement.label,
    judgement.start_ms,
    LEAST(judgement.end_ms, recording.duration_ms) AS end_ms,
    judgement.created_at
  FROM `${dataset}.annotations_current` AS judgement
  JOIN `${dataset}.audio_metadata` AS recording ON recording.gcp_url = judgement.gcp_url
  WHERE NOT judgement.is_weak AND recording.removed_at IS NULL AND judgement.start_ms < recording.duration_ms
),
judged_tasks AS (
  SELECT DISTINCT judged.gcp_url, judged.task FROM judged
),
heard AS (
  SELECT
    prediction.gcp_url,
    prediction.task,
    JSON_VALUE(segment, '$.label') AS label,
    CAST(JSON_VALUE(segment, '$.start_ms') AS INT64) AS start_ms,
    CAST(JSON_VALUE(segment, '$.end_ms') AS INT64) AS end_ms
  FROM judged_tasks
  JOIN `${dataset}.predictions_current` AS prediction
    ON prediction.gcp_url = judged_tasks.gcp_url AND prediction.task = judged_tasks.task
  CROSS JOIN UNNEST(JSON_QUERY_ARRAY(prediction.segments)) AS segment
),
edges AS (
  SELECT judged.gcp_url, judged.task, judged.start_ms AS at_ms FROM judged
  UNION DISTINCT
  SELECT judged.gcp_url, judged.task, judged.end_ms FROM judged
  UNION DISTINCT
  SELECT heard.gcp_url, heard.task, heard.start_ms FROM heard
  UNION DISTINCT
  SELECT heard.gcp_url, heard.task, heard.end_ms FROM heard
),
steps AS (
  SELECT
    edges.gcp_url,
    edges.task,
    edges.at_ms AS start_ms,
    LEAD(edges.at_ms) OVER (PARTITION BY edges.gcp_url, edges.task ORDER BY edges.at_ms) AS end_ms
  FROM edges
),
by_judgement AS (
  SELECT steps.gcp_url, steps.task, steps.start_ms, steps.end_ms, judged.label
  FROM steps
  JOIN judged
    ON judged.gcp_url = steps.gcp_url
    AND judged.task = steps.task
    AND judged.start_ms <= steps.start_ms
    AND judged.end_ms >= steps.end_ms
  WHERE TRUE
  QUALIFY RANK() OVER (
    PARTITION BY steps.gcp_url, steps.task, steps.start_ms ORDER BY judged.created_at DESC
  ) = 1
),
by_model AS (
  SELECT steps.gcp_url, steps.task, steps.start_ms, steps.end_ms, heard.label
  FROM steps
  JOIN heard
    ON heard.gcp_url = steps.gcp_url
    AND heard.task = steps.task
    AND heard.start_ms <= steps.start_ms
    AND heard.end_ms >= steps.end_ms
  LEFT JOIN (SELECT DISTINCT one.gcp_url, one.task, one.start_ms FROM by_judgement AS one) AS covered
    ON covered.gcp_url = steps.gcp_url AND covered.task = steps.task AND covered.start_ms = steps.start_ms
  WHERE covered.gcp_url IS NULL
),
holds AS (
  SELECT by_judgement.gcp_url, by_judgement.task, by_judgement.start_ms, by_judgement.end_ms, by_judgement.label
  FROM by_judgement
  UNION DISTINCT
  SELECT by_model.gcp_url, by_model.task, by_model.start_ms, by_model.end_ms, by_model.label
  FROM by_model
)
SELECT
  holds.gcp_url,
  holds.task,
  holds.label,
  SUM(holds.end_ms - holds.start_ms) AS duration_ms,
  SUM(holds.end_ms - holds.start_ms) / recording.duration_ms AS share
FROM holds
JOIN `${dataset}.audio_metadata` AS recording ON recording.gcp_url = holds.gcp_url
WHERE recording.duration_ms > 0
GROUP BY holds.gcp_url, holds.task, holds.label, recording.duration_ms
