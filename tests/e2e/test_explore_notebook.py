"""docs/explore.ipynb, its cells run one after the other on a stack with two recordings and a judgement."""

import json
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from earshot.adapters.annotations_table import AnnotationsTable
from earshot.audio import Annotation
from earshot.local.demo_site.sounds import noise, tone
from tests.e2e.conftest import Stack
from tests.sounds import encoded

NOTEBOOK = Path(__file__).parents[2] / "docs" / "explore.ipynb"


def test_each_cell_of_the_notebook_runs(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    matplotlib.use("Agg")
    for name, wave in (("tone", tone(440, 2, 16_000, -20)), ("hiss", noise(2, 16_000, 1, -6.0))):
        stack.drop(f"audio/explore-{name}.wav", encoded(np.asarray(wave)[:, None], rate_hz=16_000))
        stack.row("audio_metadata", gcp_url=f"gs://{stack.bucket.name}/audio/explore-{name}.wav")
    url = f"gs://{stack.bucket.name}/audio/explore-hiss.wav"
    stack.row("predictions", gcp_url=url, task="content")
    AnnotationsTable(stack.bigquery, stack.endpoints.dataset).append(
        [Annotation(gcp_url=url, task="content", label="noise", start_ms=0, end_ms=2000, annotator="me@example.org")]
    )
    monkeypatch.setenv("EARSHOT_HOME", str(stack.home))
    names: dict[str, object] = {}
    for cell in json.loads(NOTEBOOK.read_text())["cells"]:
        if cell["cell_type"] == "code":
            assert not cell["outputs"], "the notebook is kept without outputs"
            exec("".join(cell["source"]), names)
    assert "noise" in names["labels"]  # type: ignore[operator]
