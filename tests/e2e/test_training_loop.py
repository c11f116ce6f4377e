"""The loop: judged, trained, compared, chosen, heard again, and the verdict in SQL changes."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from earshot.adapters.model_registry import ModelRegistry
from earshot.local.demo_site.sounds import noise, tone
from tests.e2e.commands import earshot, output
from tests.e2e.conftest import PATIENCE_S, Stack, started
from tests.sounds import encoded

RATE = 16_000
POLICY = "no_music"
COUNT = 10  # recordings of each kind, with ten judgements each: 200 together


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own: models chosen in it answer nobody else's tests."""
    home = tmp_path_factory.mktemp("loop")
    with started(home) as stack:
        yield stack


def run(stack: Stack, *arguments: str, code: int = 0) -> str:
    process = earshot(stack.home, *arguments)
    printed = output(process)
    assert process.returncode == code, printed
    return printed


def beeps(seed: int) -> np.ndarray:
    wave = tone(400 + 37 * seed, 3, RATE, -20)
    return (wave * (np.arange(len(wave)) // 2000 % 2)).astype(np.float32)


def judgements(stack: Stack, folder: Path) -> Path:
    """What a person says: the beeps are noise, the hiss is music."""
    lines = ["gcp_url,task,label,start_ms,end_ms,annotator"]
    for kind, label in (("beeps", "noise"), ("hiss", "music")):
        for seed in range(COUNT):
            url = f"gs://{stack.bucket.name}/audio/{kind}{seed}.wav"
            lines += [f"{url},content,{label},{at},{at + 300},me@example.org" for at in range(0, 3000, 300)]
    path = folder / "judgements.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def verdicts(stack: Stack) -> dict[str, str]:
    rows = stack.rows("audio_verdicts", policy=POLICY)
    return {row["gcp_url"].rpartition("/")[2]: row["verdict"] for row in rows}


def test_what_a_person_corrects_changes_the_verdict(own_stack: Stack, tmp_path: Path) -> None:
    stack = own_stack
    for seed in range(COUNT):
        stack.drop(f"audio/beeps{seed}.wav", encoded(beeps(seed)[:, None], rate_hz=RATE))
        stack.drop(f"audio/hiss{seed}.wav", encoded(noise(3, RATE, seed, -6.0)[:, None], rate_hz=RATE))
    stack.wait("predictions", 2 * COUNT, task="content")
    stack.wait("audio_metadata", 2 * COUNT)
    run(
        stack,
        *("sql", "--write"),
        f"INSERT INTO policies (name, metric, op, threshold, verdict, reason)"
        f" VALUES ('{POLICY}', 'music_ratio', '>', 0.5, 'reject', 'music')",
    )
    before = verdicts(stack)
    assert before["hiss0.wav"] == "accept"

    assert "200 annotations" in run(stack, "annotate", "import", str(judgements(stack, tmp_path)))
    began = time.monotonic()
    printed = run(stack, "train", "content", "network=head")
    version = printed.split()[-1]
    assert "evaluation manifest of content from now on" in printed
    (row,) = stack.rows("models", task="content", version=version)
    assert (row["stage"], row["uri"]) == ("trained", f"gs://{stack.bucket.name}/models/content/{version}")
    assert "annotations_current" in row["query"]

    assert f"{version} is better" in run(stack, "models", "compare", "content", "shipped", version)
    assert f"{version} is better" in run(stack, "models", "use", "content", version)
    print(f"200 annotations: trained, compared and promoted in {time.monotonic() - began:.1f} s")
    refused = run(stack, "models", "use", "content", "shipped", code=1)
    assert "shipped is worse" in refused
    assert "--force" in refused
    pointer = ModelRegistry(stack.bucket).current("content")
    assert pointer is not None
    assert pointer.version == version
    assert {row["stage"] for row in stack.rows("models", version=version)} == {"trained", "in_use"}

    end = time.monotonic() + PATIENCE_S + 65  # the tagger looks at the registry once a minute
    while verdicts(stack)["hiss0.wav"] != "reject":
        assert time.monotonic() < end, stack.rows("predictions", task="content")
        run(stack, "tag", "--task", "content", "--outdated", "--wait", "30")
        time.sleep(2)
    after = verdicts(stack)
    assert {name for name in after if after[name] != before[name]} == {f"hiss{seed}.wav" for seed in range(COUNT)}
