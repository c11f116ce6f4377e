-- Which recordings are the same, and which copy to keep: one row each, alone in its group or not. The same bytes are the
-- same; so are the same decoded samples (other tags, another lossless container), the same acoustic fingerprint, and
-- fingerprints of which at least 90 % of the bits agree over the aligned overlap (another codec, level or cut).
-- Candidates are pairs that share a band (fingerprint_bands: eight hexadecimal digits of the code, then its position,
-- which aligns the pair); bands in more than 1000 recordings, as noise has, make no candidates.
-- Silence, hum and held tones have the same codes in all recordings, one and the same code throughout. So a code that is
-- followed by an equal one is held and makes no candidates; a pair needs 16 codes that either does not hold, and in these
-- at most half of the bits that would differ by chance, if each bit were set as often as it is but at other times
-- (Cohen's kappa of at least 0.5). A string counts with 16 different codes, 16 bands.
-- A group's id follows from its recording that came first, so later copies do not change it and splits made by it do
-- not leak; where a recording joins two groups, the later takes the id of the earlier.
-- Best copy: an original before a preview, undamaged before damaged, then the widest band, the longest, the first.
WITH present AS (
  SELECT
    recording.gcp_url,
    recording.audio_id,
    recording.source_url,
    recording.rendition,
    recording.decode_fault,
    recording.bandwidth_hz,
    recording.duration_ms,
    recording.fetched_at,
    recording.content_sha256,
    COALESCE(UNIX_MICROS(recording.fetched_at), recording.generation, 0) AS came_us,
    COALESCE(recording.content_sha256, recording.gcp_url) AS same_bytes,
    recording.pcm_sha256,
    IF(
      LENGTH(recording.fingerprint) >= 100
      AND COALESCE(LENGTH(recording.fingerprint_bands) >= 191, recording.is_silent IS NOT TRUE),
      recording.fingerprint,
      NULL
    ) AS fingerprint,
    recording.fingerprint_codes,
    recording.fingerprint_bands
  FROM `${dataset}.audio_metadata` AS recording
  WHERE recording.removed_at IS NULL
),
by_samples AS (
  SELECT
    present.*,
    COALESCE(MAX(present.pcm_sha256) OVER (PARTITION BY present.same_bytes), present.same_bytes) AS same_samples
  FROM present
),
by_print AS (
  SELECT
    by_samples.*,
    COALESCE(MAX(by_samples.fingerprint) OVER (PARTITION BY by_samples.same_samples), by_samples.same_samples) AS same_print
  FROM by_samples
),
sounds AS (
  SELECT
    by_print.same_print AS sound,
    CONCAT(LPAD(CAST(MIN(by_print.came_us) AS STRING), 20, '0'), by_print.same_print) AS label,
    MAX(by_print.fingerprint_codes) AS codes,
    MAX(by_print.fingerprint_bands) AS bands
  FROM by_print
  GROUP BY by_print.same_print
),
bands AS (
  SELECT placed.sound, placed.code, placed.position
  FROM (
    SELECT
      sounds.sound,
      sounds.codes,
      SUBSTR(band, 1, 8) AS code,
      CAST(CONCAT('0x', SUBSTR(band, 9)) AS INT64) AS position
    FROM sounds
    CROSS JOIN UNNEST(SPLIT(sounds.bands, ' ')) AS band
  ) AS placed
  WHERE placed.code != SUBSTR(placed.codes, 8 * placed.position + 9, 8)
),
telling AS (
  SELECT bands.code FROM bands GROUP BY bands.code HAVING COUNT(*) BETWEEN 2 AND 1000
),
votes AS (
  SELECT
    one.sound AS sound,
    other.sound AS other_sound,
    one.position - other.position AS shift,
    COUNT(*) AS votes
  FROM telling
  JOIN bands AS one ON one.code = telling.code
  JOIN bands AS other ON other.code = telling.code AND one.sound < other.sound
  GROUP BY one.sound, other.sound, one.position - other.position
),
aligned AS (
  SELECT
    votes.sound,
    votes.other_sound,
    votes.shift,
    ROW_NUMBER() OVER (
      PARTITION BY votes.sound, votes.other_sound ORDER BY votes.votes DESC, ABS(votes.shift), votes.shift
    ) AS choice
  FROM votes
),
overlaps AS (
  SELECT
    aligned.sound,
    aligned.other_sound,
    aligned.shift,
    one.codes,
    other.codes AS other_codes,
    GREATEST(0, aligned.shift) AS first_code,
    LEAST(DIV(LENGTH(one.codes), 8), DIV(LENGTH(other.codes), 8) + aligned.shift) AS end_code,
    LEAST(DIV(LENGTH(one.codes), 8), DIV(LENGTH(other.codes), 8)) AS shorter
  FROM aligned
  JOIN sounds AS one ON one.sound = aligned.sound
  JOIN sounds AS other ON other.sound = aligned.other_sound
  WHERE aligned.choice <= 2
),
code_pairs AS (
  SELECT
    overlaps.sound,
    overlaps.other_sound,
    overlaps.shift,
    CAST(CONCAT('0x', SUBSTR(overlaps.codes, 8 * code_index + 1, 8)) AS INT64) AS code,
    CAST(CONCAT('0x', SUBSTR(overlaps.other_codes, 8 * (code_index - overlaps.shift) + 1, 8)) AS INT64) AS other_code,
    SUBSTR(overlaps.codes, 8 * code_index + 1, 8) = SUBSTR(overlaps.codes, 8 * code_index + 9, 8)
    AND SUBSTR(overlaps.other_codes, 8 * (code_index - overlaps.shift) + 1, 8)
    = SUBSTR(overlaps.other_codes, 8 * (code_index - overlaps.shift) + 9, 8) AS is_held
  FROM overlaps
  CROSS JOIN UNNEST(GENERATE_ARRAY(overlaps.first_code, overlaps.end_code - 1)) AS code_index
  WHERE overlaps.end_code - overlaps.first_code >= GREATEST(16, DIV(overlaps.shorter, 2))
),
agreeing AS (
  SELECT
    code_pairs.sound,
    code_pairs.other_sound,
    code_pairs.shift,
    COUNTIF(NOT code_pairs.is_held) AS moving,
    SUM(IF(code_pairs.is_held, 0, BIT_COUNT(code_pairs.code ^ code_pairs.other_code))) AS differing
  FROM code_pairs
  GROUP BY code_pairs.sound, code_pairs.other_sound, code_pairs.shift
  HAVING SUM(BIT_COUNT(code_pairs.code ^ code_pairs.other_code)) <= 0.1 * 32 * COUNT(*)
  AND COUNTIF(NOT code_pairs.is_held) >= 16
),
bit_counts AS (
  SELECT
    agreeing.sound,
    agreeing.other_sound,
    agreeing.shift,
    agreeing.moving,
    agreeing.differing,
    bit,
    SUM((code_pairs.code >> bit) & 1) AS ones,
    SUM((code_pairs.other_code >> bit) & 1) AS other_ones
  FROM agreeing
  JOIN code_pairs
    ON code_pairs.sound = agreeing.sound
    AND code_pairs.other_sound = agreeing.other_sound
    AND code_pairs.shift = agreeing.shift
  CROSS JOIN UNNEST(GENERATE_ARRAY(0, 31)) AS bit
  WHERE NOT code_pairs.is_held
  GROUP BY agreeing.sound, agreeing.other_sound, agreeing.shift, agreeing.moving, agreeing.differing, bit
),
similar AS (
  SELECT DISTINCT alike.sound, alike.other_sound
  FROM (
    SELECT bit_counts.sound, bit_counts.other_sound, bit_counts.shift
    FROM bit_counts
    GROUP BY bit_counts.sound, bit_counts.other_sound, bit_counts.shift, bit_counts.moving, bit_counts.differing
    HAVING bit_counts.differing < 0.5 * SUM(
      bit_counts.ones * (bit_counts.moving - bit_counts.other_ones)
      + bit_counts.other_ones * (bit_counts.moving - bit_counts.ones)
    ) / bit_counts.moving
  ) AS alike
),
edges AS (
  SELECT similar.sound, similar.other_sound FROM similar
  UNION ALL
  SELECT similar.other_sound, similar.sound FROM similar
),
-- The earliest label reaches all of a group within four steps: copies of one recording are nearly all similar pairwise.
first_step AS (
  SELECT edges.sound, MIN(sounds.label) AS label
  FROM edges JOIN sounds ON sounds.sound = edges.other_sound GROUP BY edges.sound
),
labels_1 AS (
  SELECT sounds.sound, LEAST(sounds.label, COALESCE(first_step.label, sounds.label)) AS label
  FROM sounds LEFT JOIN first_step ON first_step.sound = sounds.sound
),
second_step AS (
  SELECT edges.sound, MIN(labels_1.label) AS label
  FROM edges JOIN labels_1 ON labels_1.sound = edges.other_sound GROUP BY edges.sound
),
labels_2 AS (
  SELECT labels_1.sound, LEAST(labels_1.label, COALESCE(second_step.label, labels_1.label)) AS label
  FROM labels_1 LEFT JOIN second_step ON second_step.sound = labels_1.sound
),
third_step AS (
  SELECT edges.sound, MIN(labels_2.label) AS label
  FROM edges JOIN labels_2 ON labels_2.sound = edges.other_sound GROUP BY edges.sound
),
labels_3 AS (
  SELECT labels_2.sound, LEAST(labels_2.label, COALESCE(third_step.label, labels_2.label)) AS label
  FROM labels_2 LEFT JOIN third_step ON third_step.sound = labels_2.sound
),
fourth_step AS (
  SELECT edges.sound, MIN(labels_3.label) AS label
  FROM edges JOIN labels_3 ON labels_3.sound = edges.other_sound GROUP BY edges.sound
),
labels_4 AS (
  SELECT labels_3.sound, LEAST(labels_3.label, COALESCE(fourth_step.label, labels_3.label)) AS label
  FROM labels_3 LEFT JOIN fourth_step ON fourth_step.sound = labels_3.sound
),
grouped AS (
  SELECT by_print.*, SUBSTR(labels_4.label, 21) AS same_sound
  FROM by_print
  JOIN labels_4 ON labels_4.sound = by_print.same_print
),
ranked AS (
  SELECT
    grouped.*,
    COUNT(*) OVER (PARTITION BY grouped.same_sound) AS copies,
    ROW_NUMBER() OVER (
      PARTITION BY grouped.same_sound
      ORDER BY
        IF(grouped.rendition = 'preview', 1, 0),
        IF(grouped.decode_fault IS NULL, 0, 1),
        COALESCE(grouped.bandwidth_hz, 0) DESC,
        grouped.duration_ms DESC,
        COALESCE(grouped.fetched_at, TIMESTAMP '9999-01-01 00:00:00+00'),
        grouped.gcp_url
    ) AS place
  FROM grouped
)
SELECT
  SUBSTR(TO_HEX(SHA256(ranked.same_sound)), 1, 16) AS group_id,
  ranked.gcp_url,
  ranked.audio_id,
  REGEXP_EXTRACT(ranked.source_url, r'^https?://([^/:]+)') AS source_host,
  ranked.copies,
  ranked.place,
  ranked.place = 1 AS is_best_copy,
  best.gcp_url AS best_gcp_url,
  CASE
    WHEN ranked.place = 1 THEN NULL
    WHEN ranked.same_bytes = best.same_bytes THEN 'bytes'
    WHEN ranked.same_samples = best.same_samples THEN 'samples'
    ELSE 'fingerprint'
  END AS same_as_best
FROM ranked
JOIN ranked AS best ON best.same_sound = ranked.same_sound AND best.place = 1
