-- What the recordings of each host are made of: hours of speech, music, singing, noise and silence, which may overlap.
-- Hosts of files that were uploaded by hand are NULL.
SELECT
  prediction.source_host,
  COUNT(*) AS recordings,
  SUM(prediction.duration_ms) / 3600000 AS hours,
  SUM(prediction.duration_ms * prediction.speech_ratio) / 3600000 AS speech_hours,
  SUM(prediction.duration_ms * prediction.music_ratio) / 3600000 AS music_hours,
  SUM(prediction.duration_ms * prediction.singing_ratio) / 3600000 AS singing_hours,
  SUM(prediction.duration_ms * prediction.noise_ratio) / 3600000 AS noise_hours,
  SUM(prediction.duration_ms * prediction.silence_ratio) / 3600000 AS silence_hours,
  COUNTIF(prediction.reason IS NOT NULL) AS not_heard
FROM `${dataset}.predictions_current` AS prediction
WHERE prediction.task = 'content'
GROUP BY prediction.source_host
