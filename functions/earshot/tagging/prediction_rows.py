"""Answers of the tasks as rows of `predictions`."""

import json
from collections.abc import Mapping
from typing import Any

from earshot.audio import AudioObject, Scalar, clean, now, shard
from earshot.errors import GiveUp
from earshot.tagging.choose_model import Choice
from earshot.tagging.vocabulary import TASKS

RATIOS = ("speech", "music", "singing", "noise", "silence")
DNSMOS = ("dnsmos_sig", "dnsmos_bak", "dnsmos_ovrl")


def prediction_row(
    kept: AudioObject, choice: Choice, answer: Mapping[str, Any], *, duration_ms: int, scores_url: str | None
) -> dict[str, Scalar]:
    """The row of one task: its answer, or the reason why its model gave none."""
    if "refused" in answer:
        return _identity(kept, choice) | {"reason": "model_refused", "detail": clean(str(answer["refused"]))}
    summary: Mapping[str, float] = answer["summary"]
    row: dict[str, Scalar] = {
        **_identity(kept, choice),
        "model": answer["model"],
        "model_version": answer["version"],
        "model_sha256": answer["sha256"],
        "model_stage": answer["stage"],
        "summary": json.dumps(summary),
        "top_labels": json.dumps(answer["top"]),
        "segments": json.dumps(answer["segments"]),
        "segments_cut": bool(answer["is_cut"]),
        "hop_ms": answer["hop_ms"],
        "thresholds": json.dumps(answer["thresholds"]),
        "embedding": json.dumps(answer["embedding"]) if answer["embedding"] else None,
        "scores_url": scores_url,
        "duration_ms": duration_ms,
        "cpu_ms": answer["cpu_ms"],
    }
    if choice.task == "content":
        row |= {f"{label}_ratio": summary.get(label) for label in RATIOS}
    if choice.task == "speech_quality":
        row |= {name: summary.get(name) for name in ("speech_ratio", *DNSMOS)}
    return row


def reason_row(kept: AudioObject, choice: Choice, error: GiveUp) -> dict[str, Scalar]:
    """The row of a file in which nothing could be heard."""
    return _identity(kept, choice) | {"reason": error.reason, "detail": clean(str(error))}


def removal_rows(gcp_url: str, generation: int, because: str) -> list[dict[str, Scalar]]:
    """The marks of a recording that is gone, one for each task that it may have a row of."""
    return [
        {
            "gcp_url": gcp_url,
            "task": task,
            "shard": shard(gcp_url),
            "generation": generation,
            "removed_at": now(),
            "removed_because": because,
        }
        for task in TASKS
    ]


def _identity(kept: AudioObject, choice: Choice) -> dict[str, Scalar]:
    return {
        "gcp_url": kept.gcp_url,
        "task": choice.task,
        "shard": shard(kept.gcp_url),
        "generation": kept.generation,
        "model_order": choice.order,
        "audio_id": kept.audio_id,
        "analysed_at": now(),
        "removed_at": None,
        "removed_because": None,
    }
