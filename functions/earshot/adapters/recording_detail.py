"""All that is known of one recording: its row, what is heard in it, what was judged, and recordings like it."""

import json
from collections.abc import Mapping
from typing import Any

from earshot.adapters.corpus import Corpus, Row
from earshot.adapters.schema import columns

RECORDING = """
SELECT * FROM audio_metadata
WHERE audio_id = @audio_id AND removed_at IS NULL
ORDER BY generation DESC
LIMIT 1
"""
HEARD = """
SELECT * FROM predictions
WHERE gcp_url = @gcp_url AND removed_at IS NULL
"""
MEASURES = """
SELECT * FROM corpus
WHERE gcp_url = @gcp_url
"""
JUDGED = """
SELECT gcp_url, task, label, start_ms, end_ms, annotator, source, created_at FROM annotations_current
WHERE gcp_url = @gcp_url AND NOT is_weak
ORDER BY task, start_ms, created_at
"""
COPIES = """
SELECT other.gcp_url, other.audio_id, other.is_best_copy, other.same_as_best, recording.file_name, recording.container
FROM duplicate_groups AS one
JOIN duplicate_groups AS other ON other.group_id = one.group_id AND other.gcp_url != one.gcp_url
JOIN audio_metadata AS recording ON recording.gcp_url = other.gcp_url
WHERE one.gcp_url = @gcp_url
ORDER BY other.place
LIMIT 50
"""
SIMILAR = """
SELECT other.gcp_url, other.audio_id, recording.file_name,
  1 - COSINE_DISTANCE(other.embedding, one.embedding) AS similarity
FROM embeddings AS one
JOIN embeddings AS other
  ON other.task = one.task AND other.model_version = one.model_version AND other.gcp_url != one.gcp_url
JOIN audio_metadata AS recording ON recording.gcp_url = other.gcp_url
WHERE one.gcp_url = @gcp_url AND one.task = 'content'
ORDER BY similarity DESC, other.gcp_url
LIMIT 10
"""
LEVELS = """
SELECT other.gcp_url, other.audio_id, other.title AS file_name, other.heard,
  ABS(other.loudness - one.loudness) / 6 + ABS(other.snr_db - one.snr_db) / 12
  + ABS(LN(other.duration_ms / one.duration_ms)) AS distance
FROM corpus AS one
JOIN corpus AS other ON other.gcp_url != one.gcp_url AND other.heard = one.heard AND other.duration_ms > 0
WHERE one.gcp_url = @gcp_url AND one.duration_ms > 0
ORDER BY distance, other.gcp_url
LIMIT 5
"""
NEXT = """
SELECT candidate.gcp_url, recording.audio_id, candidate.label, candidate.start_ms, candidate.end_ms, candidate.score,
  COALESCE(NULLIF(recording.link_text, ''), recording.file_name) AS title
FROM annotation_candidates AS candidate
JOIN audio_metadata AS recording ON recording.gcp_url = candidate.gcp_url
WHERE candidate.task = 'content' AND NOT candidate.is_judged
ORDER BY candidate.uncertainty DESC, candidate.lot, candidate.start_ms
LIMIT 20
"""
REFUSALS = """
SELECT audio_id, COALESCE(source_url, gcp_url) AS address, stage, reason, detail, last_seen FROM open_refusals
ORDER BY last_seen DESC
LIMIT 500
"""
FUNNEL = """
SELECT step, outcome, reason, SUM(recordings) AS recordings, SUM(hours) AS hours FROM funnel
GROUP BY step, outcome, reason
ORDER BY step, recordings DESC
"""
MODELS = """
SELECT task, model, model_version, model_stage, COUNT(*) AS recordings, MAX(analysed_at) AS last FROM predictions
WHERE removed_at IS NULL
GROUP BY task, model, model_version, model_stage
ORDER BY task, recordings DESC
"""
TOTALS = (
    "SELECT COUNT(*) AS recordings, SUM(duration_ms) / 3600000 AS hours FROM audio_metadata WHERE removed_at IS NULL"
)


class Recordings:
    """Reads what the recording's page shows."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def find(self, audio_id: str) -> Row | None:
        """The row of audio_metadata; None if there is none, or it was withdrawn."""
        rows = self._corpus.query(RECORDING, {"audio_id": audio_id})
        return rows[0] if rows else None

    def heard(self, row: Mapping[str, Any]) -> dict[str, Row]:
        """Rows of predictions of the present generation, by task; their JSON columns are read."""
        found = self._corpus.query(HEARD, {"gcp_url": str(row["gcp_url"])})
        kept = {str(one["task"]): one for one in found if one["generation"] == row["generation"]}
        for one in kept.values():
            for name in ("segments", "top_labels", "summary", "thresholds"):
                one[name] = json.loads(one[name]) if one[name] else None
        return kept

    def measures(self, gcp_url: str) -> Row:
        """The line of the view corpus."""
        rows = self._corpus.query(MEASURES, {"gcp_url": gcp_url})
        return rows[0] if rows else {}

    def judged(self, gcp_url: str) -> list[Row]:
        """The judgements of persons that hold."""
        return self._corpus.query(JUDGED, {"gcp_url": gcp_url})

    def copies(self, gcp_url: str) -> list[Row]:
        """Recordings of the same sound."""
        return self._corpus.query(COPIES, {"gcp_url": gcp_url})

    def similar(self, gcp_url: str) -> tuple[list[Row], str]:
        """Recordings like it, and by what: embeddings where the model makes them, else level, noise and length."""
        by_embedding = self._corpus.query(SIMILAR, {"gcp_url": gcp_url})
        if by_embedding:
            return by_embedding, "mean embedding"
        return self._corpus.query(LEVELS, {"gcp_url": gcp_url}), "content, level, noise and length"

    def refusals(self) -> list[Row]:
        """Open refusals, the latest first."""
        return self._corpus.query(REFUSALS)

    def funnel(self) -> list[Row]:
        """From links found to recordings accepted."""
        return self._corpus.query(FUNNEL)

    def models(self) -> list[Row]:
        """Which models the predictions are of."""
        return self._corpus.query(MODELS)

    def totals(self) -> Row:
        """Number of recordings, and their hours."""
        return self._corpus.query(TOTALS)[0]

    def next(self) -> list[Row]:
        """Stretches whose judgement would say most."""
        return self._corpus.query(NEXT)

    def definitions(self) -> dict[str, str]:
        """What each column of audio_metadata means."""
        return {column.name: column.description for column in columns("audio_metadata")}
