-- Accept, review or reject, for each recording under each policy, with the reason codes of the rules that fired.
-- Rules live in the table policies, so a threshold changes here at once and nothing is measured again. A measure that
-- is not known fires only a rule that asks for 'missing'.
WITH fired AS (
  SELECT
    measured.gcp_url,
    rule.name,
    rule.verdict,
    rule.reason
  FROM `${dataset}.audio_metrics` AS measured
  JOIN `${dataset}.policies` AS rule ON rule.metric = measured.metric
  WHERE CASE rule.op
    WHEN '<' THEN measured.value < rule.threshold
    WHEN '<=' THEN measured.value <= rule.threshold
    WHEN '>' THEN measured.value > rule.threshold
    WHEN '>=' THEN measured.value >= rule.threshold
    WHEN '=' THEN measured.value = rule.threshold
    WHEN 'missing' THEN measured.value IS NULL
    ELSE ERROR(CONCAT('policies: unknown op ', rule.op))
  END
)
SELECT
  named.policy,
  recording.gcp_url,
  recording.audio_id,
  recording.source_host,
  recording.duration_ms,
  CASE
    WHEN COUNTIF(fired.verdict = 'reject') > 0 THEN 'reject'
    WHEN COUNTIF(fired.verdict = 'review') > 0 THEN 'review'
    ELSE 'accept'
  END AS verdict,
  STRING_AGG(DISTINCT fired.reason, ',' ORDER BY fired.reason) AS reasons
FROM `${dataset}.recordings` AS recording
CROSS JOIN (SELECT DISTINCT name AS policy FROM `${dataset}.policies`) AS named
LEFT JOIN fired ON fired.gcp_url = recording.gcp_url AND fired.name = named.policy
GROUP BY named.policy, recording.gcp_url, recording.audio_id, recording.source_host, recording.duration_ms
