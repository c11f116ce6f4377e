"""The scores of every decision as a file beside the recording: `tags/{task}/{audio_id}.json.gz`.

A gzipped JSON object: `task`, `labels`, `hop_ms`, `end_ms` of the last decision, `generation`, `model`, `version`, and
`p`, the base64 of one byte a label and decision (decision by decision, 0 to 255 for a probability of 0 to 1). An hour
of `content` takes about 40 KB. Rows of SQL hold segments instead: nobody asks for single decisions there.
"""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

from earshot.tagging.causal_windows import Floats
from earshot.tagging.task_stream import Decisions, Model

CONTENT_TYPE = "application/gzip"  # not `Content-Encoding`, which clients and proxies undo as they like


def write_scores(path: Path, model: Model, decisions: Decisions, **facts: Any) -> None:
    """Write the file; the same decisions are the same bytes."""
    values = np.round(decisions.scores * 255).astype(np.uint8)
    described = {
        "task": model.task,
        "labels": list(model.labels),
        "hop_ms": 1000 * model.hop / model.sample_rate_hz,
        "end_ms": int(decisions.end_ms[-1]) if len(decisions) else 0,
        "model": model.name,
        "version": model.version,
        **facts,
        "p": base64.b64encode(values.tobytes()).decode(),
    }
    path.write_bytes(gzip.compress(json.dumps(described).encode(), mtime=0))


def read_scores(data: bytes) -> tuple[dict[str, Any], Floats]:
    """What `write_scores` wrote: its description, and the scores, shape (decisions, labels)."""
    described = json.loads(gzip.decompress(data))
    values = np.frombuffer(base64.b64decode(described.pop("p")), np.uint8).reshape(-1, len(described["labels"]))
    return described, values.astype(np.float32) / np.float32(255)
