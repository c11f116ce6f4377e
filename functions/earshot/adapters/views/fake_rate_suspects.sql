-- Recordings that promise more band than they hold: the spectrum ends at a filter's edge (cutoff_hz) well under half the
-- sample rate, or mirrors itself there. In a lossless codec that means upsampled, or once a lossy file; in a lossy one it
-- is the codec's own low-pass. true_rate_hz is the rate that would hold all there is.
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
    WHEN NOT REGEXP_CONTAINS(recording.codec, r'^(pcm_|flac|alac|wavpack)') THEN 'low-passed by its codec'
    WHEN recording.cutoff_hz BETWEEN 14500 AND 20500 AND recording.sample_rate_hz >= 44100 THEN 'once a lossy file'
    ELSE 'upsampled'
  END AS likely
FROM `${dataset}.audio_metadata` AS recording
WHERE recording.removed_at IS NULL AND recording.fake_rate
