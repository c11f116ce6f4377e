"""One recording: its page, the data that its lanes draw, its pictures and its bytes."""

import base64
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from earshot.listening.byte_ranges import answer
from earshot.listening.lanes import compact_segments, sparkline
from earshot.listening.policy_verdicts import verdicts
from earshot.listening.rendering import as_json, page
from earshot.listening.services import Row, Services
from earshot.listening.visuals_of_recording import Visuals, VisualsOfRecordings
from earshot.tagging.vocabulary import LABELS

LEVELLED_LUFS = -18.0
FOREVER = "private, max-age=86400"
MEASURES = (
    "loudness", "integrated_lufs", "loudness_range_lu", "true_peak_dbtp", "snr_db", "rms_snr_db", "silence_ratio",
    "clipped_ratio", "dropouts", "bandwidth_hz", "fake_rate", "hum_hz", "channels", "sample_rate_hz", "bit_rate_bps",
    "pesq", "quality_label",
)  # fmt: skip
PROVENANCE = (
    "source_url", "page_url", "page_title", "author", "license", "license_url", "license_from", "found_by", "found_at",
    "fetched_at", "language", "rendition", "original_url", "content_sha256",
)  # fmt: skip


class RecordingPages:
    """Handlers, run in threads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        settings = services.settings
        self._visuals = VisualsOfRecordings(services.objects, settings.max_audio_bytes, settings.max_duration_s)
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="reads")

    def recording(self, request: Request) -> Response:
        """The page."""
        row = self._row(request)
        recordings, url = self._services.recordings, str(row["gcp_url"])
        measures = self._pool.submit(recordings.measures, url)
        rules = self._pool.submit(self._services.corpus.rules)
        data = self._data(row)
        consent = _consent(row.get("consent"))
        return page(
            request,
            "recording.html",
            row=row,
            title=row["link_text"] or row["file_name"],
            data=as_json(data),
            lanes=data,
            verdicts=verdicts(rules.result(), measures.result()),
            measures=MEASURES,
            provenance=PROVENANCE,
            consent=consent,
            definitions=recordings.definitions(),
            labels=LABELS,
        )

    def data(self, request: Request) -> Response:
        """What the lanes draw, again: after a correction."""
        row = self._row(request)
        measures = self._services.recordings.measures(str(row["gcp_url"]))
        judged = verdicts(self._services.corpus.rules(), measures)
        said = [
            {"policy": one.policy, "verdict": one.verdict, "reasons": [r.reason for r in one.rules]} for one in judged
        ]
        return JSONResponse(json.loads(json.dumps(self._data(row) | {"verdicts": said}, default=str)))

    def row(self, request: Request) -> Response:
        """The raw row and what is heard, as JSON."""
        row = self._row(request)
        found = {"audio_metadata": row, "predictions": list(self._services.recordings.heard(row).values())}
        return Response(json.dumps(found, default=str, indent=2, ensure_ascii=False), media_type="application/json")

    def copies(self, request: Request) -> Response:
        """Copies and similar recordings, as a part of the page: they take longer than the page may."""
        row = self._row(request)
        url = str(row["gcp_url"])
        similar, by = self._services.recordings.similar(url)
        return page(request, "copies.html", copies=self._services.recordings.copies(url), similar=similar, by=by)

    def outline(self, request: Request) -> Response:
        """The outline as a small picture."""
        row, visuals = self._drawn(request)
        heard = self._services.recordings.heard(row).get("content", {})
        outline = self._part(visuals, "peaks")
        picture = sparkline(outline, float(row["duration_ms"]), heard.get("segments") or ())
        return Response(picture, media_type="image/svg+xml", headers={"cache-control": "private, max-age=60"})

    def overview(self, request: Request) -> Response:
        """The spectrogram of the whole."""
        _, visuals = self._drawn(request)
        return Response(self._part(visuals, "overview"), media_type="image/png", headers={"cache-control": FOREVER})

    def tile(self, request: Request) -> Response:
        """A stretch of the spectrogram."""
        _, visuals = self._drawn(request)
        tiles, number = visuals.header["tiles"], int(request.path_params["number"])
        if number >= len(tiles):
            raise HTTPException(404, "there is no such tile")
        body = self._visuals.part(visuals, tiles[number])
        if body is None:
            raise HTTPException(404, "the recording is gone")
        return Response(body, media_type="image/png", headers={"cache-control": FOREVER})

    def audio(self, request: Request) -> Response:
        """The bytes, or a range of them; a withdrawn recording has none from the moment that its row says so."""
        row = self._row(request)
        kept = self._services.objects.describe(str(row["gcp_url"]).split("/", 3)[3])
        if kept is None:
            raise HTTPException(404, "the recording is gone")
        sent = answer(request.headers, kept.bytes, f'"{kept.generation}"', kept.content_type)
        if request.method == "HEAD" or sent.last < sent.first:
            return Response(status_code=sent.status, headers=sent.headers)
        stream = self._services.objects.stream(kept, sent.first, sent.last)
        return StreamingResponse(stream, sent.status, sent.headers)

    def _row(self, request: Request) -> Row:
        row = self._services.recordings.find(str(request.path_params["audio_id"]))
        if row is None:
            raise HTTPException(404, "there is no such recording, or no longer")
        return row

    def _drawn(self, request: Request) -> tuple[Row, Visuals]:
        row = self._row(request)
        visuals = self._visuals.of(row)
        if visuals is None:
            raise HTTPException(404, "this recording cannot be drawn")
        return row, visuals

    def _part(self, visuals: Visuals, name: str) -> bytes:
        body = self._visuals.part(visuals, visuals.header[name])
        if body is None:
            raise HTTPException(404, "the recording is gone")
        return body

    def _data(self, row: Row) -> dict[str, Any]:
        recordings = self._services.recordings
        drawn = self._pool.submit(self._visuals.of, row)
        judged = self._pool.submit(recordings.judged, str(row["gcp_url"]))
        heard = recordings.heard(row)
        tasks: dict[str, Any] = {}
        for task in ("content", "instruments", "loudness_class"):
            one = heard.get(task)
            labels: list[str] = []
            if one and one["segments"] is not None:
                segments = compact_segments(one["segments"], labels)
                tasks[task] = {
                    "labels": labels,
                    "segments": segments,
                    "model": f"{one['model']} {one['model_version']}",
                }
                tasks[task] |= {"stage": one["model_stage"], "thresholds": one["thresholds"]}
        visuals = drawn.result()
        return {
            "audio_id": row["audio_id"],
            "duration_ms": row["duration_ms"],
            "gain_db": None if row["integrated_lufs"] is None else LEVELLED_LUFS - row["integrated_lufs"],
            "tasks": tasks,
            "judged": [_judgement(one) for one in judged.result()],
            "visuals": self._shown(visuals) if visuals else None,
        }

    def _shown(self, visuals: Visuals) -> dict[str, Any]:
        header: Mapping[str, Any] = visuals.header
        return (
            {
                "peaks": base64.b64encode(self._part(visuals, "peaks")).decode(),
                "loudness": base64.b64encode(self._part(visuals, "loudness")).decode(),
                "tiles": len(header["tiles"]),
            }
            | {
                name: header[name]
                for name in ("loudness_step_ms", "overview_ms", "tile_s", "columns_per_s", "clipped_ms")
            }
            | {"dropouts_ms": header.get("dropouts_ms", [])}
        )  # files of version 0.2.0 have none


def _judgement(one: Row) -> dict[str, Any]:
    kept = {name: one[name] for name in ("task", "label", "start_ms", "end_ms", "annotator")}
    return kept | {"created_at": str(one["created_at"])}


def _consent(text: Any) -> list[dict[str, Any]]:
    """The signals of the owner's wishes, as they were read."""
    try:
        signals = json.loads(text or "[]")
    except ValueError:
        return []
    return [one for one in signals if isinstance(one, dict)] if isinstance(signals, list) else []
