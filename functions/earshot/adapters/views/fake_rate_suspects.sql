-- Recordings that promise more band than they hold: the spectrum ends at a filter's edge (cutoff_hz) well under half the
-- sample rate, or mirrors itself there. true_rate_hz is the rate that would hold all there is. What is likely:
--   upsampled               it was sampled at true_rate_hz once; in a lossy file, before it was coded
--   once a lossy file       lossless now, with an edge where MP3, AAC and Opus put theirs (14.5 to 20.5 kHz)
--   low-passed by its codec a lossy file with such a filter's edge: its encoder's, as a rule, and no fault
-- 4, 8 and 16 kHz sharp are mirrors, which only resampling makes: edges are found in steps of 1/128 of half the sample
-- rate, which from 44.1 kHz on meet none of these.
SELECT
  recording.gcp_url,
  recording.audio_id,
  REGEXP_EXTRACT(recording.source_url, r'^https?://([^/:]+)') AS source_host,
  recording.codec,
  recording.bit_rate_bps,
  recording.sample_rate_hz,
  recording.bandwidth_hz,
  recording.cutoff_hz,
  2 * recording.cutoff_hz AS true_rate_hz,
  recording.cutoff_hz / (recording.sample_rate_hz / 2) AS used_share,
  CASE
    WHEN recording.cutoff_hz IN (4000, 8000, 16000) AND recording.sample_rate_hz >= 44100 THEN 'upsampled'
    WHEN NOT REGEXP_CONTAINS(recording.codec, r'^(pcm_|flac|alac|wavpack)') THEN 'low-passed by its codec'
    WHEN recording.cutoff_hz BETWEEN 14500 AND 20500 AND recording.sample_rate_hz >= 44100 THEN 'once a lossy file'
    ELSE 'upsampled'
  END AS likely
FROM `${dataset}.audio_metadata` AS recording
WHERE recording.removed_at IS NULL AND recording.fake_rate
