-- Every measure of every recording as one line (recording, metric, value): what a policy's rule and a distribution
-- read. A metric has the name of its column; TRUE counts 1 and FALSE 0; a measure that is not known is a line with
-- NULL, so that a rule can ask for that as well. What is heard comes from the table predictions: estimates of models,
-- NULL until the tagger has heard the recording. Speech is the estimate of the task speech_quality, else of content.
SELECT
  recording.gcp_url,
  measured.metric,
  measured.value
FROM `${dataset}.audio_metadata` AS recording
LEFT JOIN `${dataset}.predictions` AS content
  ON content.gcp_url = recording.gcp_url AND content.generation = recording.generation AND content.task = 'content'
LEFT JOIN `${dataset}.predictions` AS quality
  ON quality.gcp_url = recording.gcp_url AND quality.generation = recording.generation AND quality.task = 'speech_quality'
LEFT JOIN `${dataset}.predictions` AS loudness
  ON loudness.gcp_url = recording.gcp_url AND loudness.generation = recording.generation
    AND loudness.task = 'loudness_class'
CROSS JOIN UNNEST([
  STRUCT('loudness' AS metric, recording.loudness AS value),
  STRUCT('duration_ms' AS metric, CAST(recording.duration_ms AS FLOAT64) AS value),
  STRUCT('bytes' AS metric, CAST(recording.bytes AS FLOAT64) AS value),
  STRUCT('sample_rate_hz' AS metric, CAST(recording.sample_rate_hz AS FLOAT64) AS value),
  STRUCT('channels' AS metric, CAST(recording.channels AS FLOAT64) AS value),
  STRUCT('is_silent' AS metric, CAST(CAST(recording.is_silent AS INT64) AS FLOAT64) AS value),
  STRUCT('pesq' AS metric, recording.pesq AS value),
  STRUCT('pesq_min' AS metric, recording.pesq_min AS value),
  STRUCT('pesq_coverage' AS metric, recording.pesq_coverage AS value),
  STRUCT('pesq_windows' AS metric, CAST(recording.pesq_windows AS FLOAT64) AS value),
  STRUCT('header_duration_ms' AS metric, CAST(recording.header_duration_ms AS FLOAT64) AS value),
  STRUCT('duration_difference_ms' AS metric, CAST(recording.duration_difference_ms AS FLOAT64) AS value),
  STRUCT('bit_depth' AS metric, CAST(recording.bit_depth AS FLOAT64) AS value),
  STRUCT('bit_rate_bps' AS metric, CAST(recording.bit_rate_bps AS FLOAT64) AS value),
  STRUCT('unusable_samples' AS metric, CAST(recording.unusable_samples AS FLOAT64) AS value),
  STRUCT('sample_peak_dbfs' AS metric, recording.sample_peak_dbfs AS value),
  STRUCT('crest_factor_db' AS metric, recording.crest_factor_db AS value),
  STRUCT('dc_offset' AS metric, recording.dc_offset AS value),
  STRUCT('integrated_lufs' AS metric, recording.integrated_lufs AS value),
  STRUCT('loudness_range_lu' AS metric, recording.loudness_range_lu AS value),
  STRUCT('max_momentary_lufs' AS metric, recording.max_momentary_lufs AS value),
  STRUCT('max_short_term_lufs' AS metric, recording.max_short_term_lufs AS value),
  STRUCT('true_peak_dbtp' AS metric, recording.true_peak_dbtp AS value),
  STRUCT('channel_correlation' AS metric, recording.channel_correlation AS value),
  STRUCT('is_dual_mono' AS metric, CAST(CAST(recording.is_dual_mono AS INT64) AS FLOAT64) AS value),
  STRUCT('is_inverted' AS metric, CAST(CAST(recording.is_inverted AS INT64) AS FLOAT64) AS value),
  STRUCT('dead_channels' AS metric, CAST(recording.dead_channels AS FLOAT64) AS value),
  STRUCT('clipped_ratio' AS metric, recording.clipped_ratio AS value),
  STRUCT('clipped_runs' AS metric, CAST(recording.clipped_runs AS FLOAT64) AS value),
  STRUCT('flat_ratio' AS metric, recording.flat_ratio AS value),
  STRUCT('flat_runs' AS metric, CAST(recording.flat_runs AS FLOAT64) AS value),
  STRUCT('silence_ratio' AS metric, recording.silence_ratio AS value),
  STRUCT('leading_silence_ms' AS metric, CAST(recording.leading_silence_ms AS FLOAT64) AS value),
  STRUCT('trailing_silence_ms' AS metric, CAST(recording.trailing_silence_ms AS FLOAT64) AS value),
  STRUCT('dropouts' AS metric, CAST(recording.dropouts AS FLOAT64) AS value),
  STRUCT('dropout_ms' AS metric, CAST(recording.dropout_ms AS FLOAT64) AS value),
  STRUCT('snr_db' AS metric, recording.snr_db AS value),
  STRUCT('has_digital_silence' AS metric, CAST(CAST(recording.has_digital_silence AS INT64) AS FLOAT64) AS value),
  STRUCT('bandwidth_hz' AS metric, CAST(recording.bandwidth_hz AS FLOAT64) AS value),
  STRUCT('cutoff_hz' AS metric, CAST(recording.cutoff_hz AS FLOAT64) AS value),
  STRUCT('fake_rate' AS metric, CAST(CAST(recording.fake_rate AS INT64) AS FLOAT64) AS value),
  STRUCT('hum_hz' AS metric, CAST(recording.hum_hz AS FLOAT64) AS value),
  STRUCT('hum_dbfs' AS metric, recording.hum_dbfs AS value),
  STRUCT('speech_ratio' AS metric, COALESCE(quality.speech_ratio, content.speech_ratio, recording.speech_ratio) AS value),
  STRUCT('dnsmos_sig' AS metric, COALESCE(quality.dnsmos_sig, recording.dnsmos_sig) AS value),
  STRUCT('dnsmos_bak' AS metric, COALESCE(quality.dnsmos_bak, recording.dnsmos_bak) AS value),
  STRUCT('dnsmos_ovrl' AS metric, COALESCE(quality.dnsmos_ovrl, recording.dnsmos_ovrl) AS value),
  STRUCT('music_ratio' AS metric, content.music_ratio AS value),
  STRUCT('singing_ratio' AS metric, content.singing_ratio AS value),
  STRUCT('noise_ratio' AS metric, content.noise_ratio AS value),
  STRUCT('quiet_ratio' AS metric, CAST(JSON_VALUE(loudness.summary, '$.quiet') AS FLOAT64) AS value),
  STRUCT('normal_ratio' AS metric, CAST(JSON_VALUE(loudness.summary, '$.normal') AS FLOAT64) AS value),
  STRUCT('loud_ratio' AS metric, CAST(JSON_VALUE(loudness.summary, '$.loud') AS FLOAT64) AS value)
]) AS measured
WHERE recording.removed_at IS NULL
