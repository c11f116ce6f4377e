-- The recordings that are there, a line each, as the page lists them: facets, and every measure that a policy may ask for.
-- Values of a facet that may have several are separated by commas. Measures are FLOAT64, TRUE counts 1 and FALSE 0; what
-- is heard is NULL until the tagger has heard the recording. Speech is the estimate of the task speech_quality, else of
-- content; where a person has judged stretches of content (view judged_shares), all shares of content are those.
SELECT
  recording.gcp_url,
  recording.audio_id,
  COALESCE(NULLIF(recording.link_text, ''), recording.file_name) AS title,
  recording.file_name,
  recording.license_url,
  recording.analysed_at,
  recording.classification AS energy,
  COALESCE(NULLIF(recording.license, ''), 'unknown') AS licence,
  COALESCE(REGEXP_EXTRACT(recording.source_url, r'^https?://([^/:]+)'), 'uploaded') AS host,
  COALESCE(CONCAT(CAST(recording.sample_rate_hz AS STRING), ' Hz'), 'unknown') AS rate,
  CASE
    WHEN recording.duration_ms < 1000 THEN 'under 1 s'
    WHEN recording.duration_ms < 10000 THEN '1 to 10 s'
    WHEN recording.duration_ms < 60000 THEN '10 s to 1 min'
    WHEN recording.duration_ms < 600000 THEN '1 to 10 min'
    WHEN recording.duration_ms < 3600000 THEN '10 min to 1 h'
    ELSE 'over 1 h'
  END AS duration,
  IF(
    judged.has_content,
    COALESCE(NULLIF(judged.label, ''), 'nothing'),
    COALESCE(JSON_VALUE(content.top_labels, '$[0].label'), 'not heard')
  ) AS heard,
  IF(
    judged.has_content, judged.share, CAST(JSON_VALUE(content.top_labels, '$[0].coverage') AS FLOAT64)
  ) AS heard_share,
  CAST(JSON_VALUE(content.top_labels, '$[0].score') AS FLOAT64) AS heard_score,
  judged.gcp_url IS NOT NULL AS is_judged,
  COALESCE(
    IF(
      judged.has_instruments,
      judged.instruments,
      ARRAY_TO_STRING(REGEXP_EXTRACT_ALL(instruments.top_labels, r'"label": ?"([a-z0-9_]+)"'), ',')
    ),
    ''
  ) AS instrument,
  COALESCE(CONCAT(content.model, ' ', content.model_version), 'none') AS model,
  COALESCE(
    ARRAY_TO_STRING(REGEXP_EXTRACT_ALL(recording.consent, r'"signal": ?"([A-Za-z0-9_.:-]+)"'), ','),
    ''
  ) AS consent,
  CONCAT(
    IF(recording.decode_fault IS NOT NULL, 'damaged,', ''),
    IF(recording.is_silent, 'silent,', ''),
    IF(recording.clipped_ratio > 0.001, 'clipped,', ''),
    IF(recording.dropouts > 0, 'dropouts,', ''),
    IF(recording.dead_channels > 0, 'dead channel,', ''),
    IF(recording.is_inverted, 'inverted,', ''),
    IF(recording.fake_rate, 'fake rate,', ''),
    IF(recording.hum_hz IS NOT NULL, 'hum,', '')
  ) AS fault,
  recording.loudness,
  CAST(recording.duration_ms AS FLOAT64) AS duration_ms,
  CAST(recording.bytes AS FLOAT64) AS bytes,
  CAST(recording.sample_rate_hz AS FLOAT64) AS sample_rate_hz,
  CAST(recording.channels AS FLOAT64) AS channels,
  CAST(CAST(recording.is_silent AS INT64) AS FLOAT64) AS is_silent,
  recording.pesq,
  recording.pesq_min,
  recording.pesq_coverage,
  CAST(recording.pesq_windows AS FLOAT64) AS pesq_windows,
  CAST(recording.header_duration_ms AS FLOAT64) AS header_duration_ms,
  CAST(recording.duration_difference_ms AS FLOAT64) AS duration_difference_ms,
  CAST(recording.bit_depth AS FLOAT64) AS bit_depth,
  CAST(recording.bit_rate_bps AS FLOAT64) AS bit_rate_bps,
  CAST(recording.unusable_samples AS FLOAT64) AS unusable_samples,
  recording.sample_peak_dbfs,
  recording.crest_factor_db,
  recording.dc_offset,
  recording.integrated_lufs,
  recording.loudness_range_lu,
  recording.max_momentary_lufs,
  recording.max_short_term_lufs,
  recording.true_peak_dbtp,
  recording.channel_correlation,
  CAST(CAST(recording.is_dual_mono AS INT64) AS FLOAT64) AS is_dual_mono,
  CAST(CAST(recording.is_inverted AS INT64) AS FLOAT64) AS is_inverted,
  CAST(recording.dead_channels AS FLOAT64) AS dead_channels,
  recording.clipped_ratio,
  CAST(recording.clipped_runs AS FLOAT64) AS clipped_runs,
  recording.flat_ratio,
  CAST(recording.flat_runs AS FLOAT64) AS flat_runs,
  recording.silence_ratio,
  CAST(recording.leading_silence_ms AS FLOAT64) AS leading_silence_ms,
  CAST(recording.trailing_silence_ms AS FLOAT64) AS trailing_silence_ms,
  CAST(recording.dropouts AS FLOAT64) AS dropouts,
  CAST(recording.dropout_ms AS FLOAT64) AS dropout_ms,
  recording.snr_db,
  recording.rms_snr_db,
  CAST(CAST(recording.has_digital_silence AS INT64) AS FLOAT64) AS has_digital_silence,
  CAST(recording.bandwidth_hz AS FLOAT64) AS bandwidth_hz,
  CAST(recording.cutoff_hz AS FLOAT64) AS cutoff_hz,
  CAST(CAST(recording.fake_rate AS INT64) AS FLOAT64) AS fake_rate,
  CAST(recording.hum_hz AS FLOAT64) AS hum_hz,
  recording.hum_dbfs,
  COALESCE(IF(judged.has_content, judged.speech_ratio, NULL), quality.speech_ratio, content.speech_ratio, recording.speech_ratio) AS speech_ratio,
  COALESCE(quality.dnsmos_sig, recording.dnsmos_sig) AS dnsmos_sig,
  COALESCE(quality.dnsmos_bak, recording.dnsmos_bak) AS dnsmos_bak,
  COALESCE(quality.dnsmos_ovrl, recording.dnsmos_ovrl) AS dnsmos_ovrl,
  COALESCE(IF(judged.has_content, judged.music_ratio, NULL), content.music_ratio) AS music_ratio,
  COALESCE(IF(judged.has_content, judged.singing_ratio, NULL), content.singing_ratio) AS singing_ratio,
  COALESCE(IF(judged.has_content, judged.noise_ratio, NULL), content.noise_ratio) AS noise_ratio,
  CAST(JSON_VALUE(loudness.summary, '$.quiet') AS FLOAT64) AS quiet_ratio,
  CAST(JSON_VALUE(loudness.summary, '$.normal') AS FLOAT64) AS normal_ratio,
  CAST(JSON_VALUE(loudness.summary, '$.loud') AS FLOAT64) AS loud_ratio
FROM `${dataset}.audio_metadata` AS recording
LEFT JOIN `${dataset}.predictions` AS content
  ON content.gcp_url = recording.gcp_url AND content.generation = recording.generation AND content.task = 'content'
LEFT JOIN `${dataset}.predictions` AS quality
  ON quality.gcp_url = recording.gcp_url AND quality.generation = recording.generation AND quality.task = 'speech_quality'
LEFT JOIN `${dataset}.predictions` AS loudness
  ON loudness.gcp_url = recording.gcp_url AND loudness.generation = recording.generation
    AND loudness.task = 'loudness_class'
LEFT JOIN `${dataset}.predictions` AS instruments
  ON instruments.gcp_url = recording.gcp_url AND instruments.generation = recording.generation
  AND instruments.task = 'instruments'
LEFT JOIN (
  SELECT
    judgement.gcp_url,
    COUNTIF(judgement.task = 'content') > 0 AS has_content,
    COUNTIF(judgement.task = 'instruments') > 0 AS has_instruments,
    ANY_VALUE(judgement.label HAVING MAX IF(judgement.task = 'content', judgement.duration_ms, -1)) AS label,
    MAX(IF(judgement.task = 'content', judgement.share, NULL)) AS share,
    STRING_AGG(IF(judgement.task = 'instruments' AND judgement.label != '', judgement.label, NULL), ',' ORDER BY judgement.label) AS instruments,
    SUM(IF(judgement.task = 'content' AND judgement.label = 'speech', judgement.share, 0)) AS speech_ratio,
    SUM(IF(judgement.task = 'content' AND judgement.label = 'music', judgement.share, 0)) AS music_ratio,
    SUM(IF(judgement.task = 'content' AND judgement.label = 'singing', judgement.share, 0)) AS singing_ratio,
    SUM(IF(judgement.task = 'content' AND judgement.label = 'noise', judgement.share, 0)) AS noise_ratio
  FROM `${dataset}.judged_shares` AS judgement
  GROUP BY judgement.gcp_url
) AS judged
  ON judged.gcp_url = recording.gcp_url
WHERE recording.removed_at IS NULL
