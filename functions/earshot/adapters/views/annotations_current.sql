-- The judgements that hold: of each stretch and task the latest, by whoever made it. Judgements of a program ("weak:…")
-- count only where no person has judged the same stretch. An empty label says that none of the task's labels is heard.
SELECT
  gcp_url,
  task,
  label,
  start_ms,
  end_ms,
  annotator,
  source,
  created_at,
  STARTS_WITH(annotator, 'weak:') AS is_weak
FROM `${dataset}.annotations`
WHERE TRUE
QUALIFY RANK() OVER (
  PARTITION BY gcp_url, task, start_ms, end_ms
  ORDER BY CAST(STARTS_WITH(annotator, 'weak:') AS INT64), created_at DESC
) = 1
