-- What the recordings cost, from what was used and the table prices: one row an item and one for the total of what is
-- paid once. Storage is a row of its own, paid again each month. Not here: what leaves the region, Scheduler, logs, the
-- queries of people. BigQuery bills a statement at least 10 MB, so a MERGE a row is the upper bound; rows that share
-- one (group commit) cost less. Processor time is what measuring used, the lower bound: Cloud Run is paid for all
-- processors of an instance while it answers, so recordings that come one at a time cost up to 2 vCPU of analysis_ms.
WITH used AS (
  SELECT
    COUNT(*) AS files,
    SUM(duration_ms) / 3600000 AS hours,
    SUM(cpu_ms) / 1000 AS cpu_s,
    SUM(fetch_ms) / 1000 AS fetch_s,
    SUM(bytes) / POW(1024, 3) AS gib
  FROM `${dataset}.recordings`
),
refused AS (
  SELECT COUNT(*) AS files FROM `${dataset}.refusals`
),
heard AS (
  SELECT
    COUNT(*) AS predictions,
    COUNT(DISTINCT gcp_url) AS files,
    COUNT(scores_url) AS scores,
    COALESCE(SUM(cpu_ms), 0) / 1000 AS cpu_s
  FROM `${dataset}.predictions`
),
quantities AS (
  SELECT used.files, used.hours, quantity.item, quantity.amount
  FROM used
  CROSS JOIN refused
  CROSS JOIN heard
  CROSS JOIN UNNEST([
    STRUCT('analyser_vcpu_s' AS item, used.cpu_s AS amount),
    STRUCT('tagger_vcpu_s' AS item, heard.cpu_s AS amount),
    STRUCT('downloader_s' AS item, used.fetch_s AS amount),
    STRUCT('request' AS item, CAST(2 * used.files + 2 * refused.files + heard.files AS FLOAT64) AS amount),
    STRUCT('pubsub_message' AS item, CAST(2 * used.files + 2 * refused.files + heard.files AS FLOAT64) AS amount),
    STRUCT('storage_class_a' AS item, CAST(3 * used.files + 2 * refused.files + heard.scores AS FLOAT64) AS amount),
    STRUCT('storage_class_b' AS item, CAST(7 * used.files + 4 * refused.files + 4 * heard.files AS FLOAT64) AS amount),
    STRUCT('bigquery_merge' AS item, CAST(2 * used.files + refused.files + heard.predictions AS FLOAT64) AS amount),
    STRUCT('storage_gib_month' AS item, used.gib AS amount)
  ]) AS quantity
),
priced AS (
  SELECT
    quantities.item,
    price.unit,
    price.is_monthly,
    quantities.amount,
    quantities.amount * price.usd AS usd,
    quantities.files,
    quantities.hours
  FROM quantities
  JOIN `${dataset}.prices` AS price ON price.item = quantities.item
)
SELECT
  item,
  unit,
  is_monthly,
  amount,
  usd,
  1000 * SAFE_DIVIDE(usd, files) AS usd_per_1000_files,
  SAFE_DIVIDE(usd, hours) AS usd_per_audio_hour
FROM priced
UNION ALL
SELECT
  'total once' AS item,
  'all of the above' AS unit,
  FALSE AS is_monthly,
  NULL AS amount,
  SUM(usd) AS usd,
  1000 * SAFE_DIVIDE(SUM(usd), MAX(files)) AS usd_per_1000_files,
  SAFE_DIVIDE(SUM(usd), MAX(hours)) AS usd_per_audio_hour
FROM priced
WHERE NOT is_monthly
