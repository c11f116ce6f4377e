"""The training data that a configuration names: rows with splits, and the folder that their paths are relative to."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earshot.errors import BadRequest
from earshot.training.configuration import TrainingConfig
from earshot.training.group_split import refuse_windows, split_by_group
from earshot.training.query_data import AudioStore, Progress, Queries, rows_of_query
from earshot.training.training_data_manifest import Row, read_manifest


@dataclass(frozen=True)
class TrainingData:
    """Rows, their folder, and what was left out.

    Attributes:
        counts: numbers for the metrics: frames, dropped, weak, gone, failed.
    """

    rows: list[Row]
    root: Path
    counts: dict[str, Any]

    @property
    def summary(self) -> str:
        """One sentence for people."""
        by_split = Counter(row.split for row in self.rows)
        groups = len({row.group for row in self.rows})
        stretches = ", ".join(f"{by_split[split]} {split}" for split in ("train", "validation", "test"))
        left_out = "; ".join(f"{name} {value}" for name, value in self.counts.items())
        return f"{len(self.rows)} stretches of {groups} groups ({stretches})" + (f"; {left_out}" if left_out else "")


def data_of(
    config: TrainingConfig,
    home: Path,
    queries: Queries | None,
    store: AudioStore | None,
    held_out: frozenset[str],
    progress: Progress,
) -> TrainingData:
    """Rows by the configuration's data group.

    Raises:
        BadRequest: the manifest is none, the query selects nothing that is judged, or a split by window is asked for.
    """
    if config.data.kind == "synthetic":
        return _synthetic(config)
    if config.data.kind == "manifest":
        return _manifest(config, held_out)
    if queries is None or store is None:
        raise BadRequest("data=query needs a running stack or a project; without one: data=manifest or data=synthetic")
    audio = home / "audio"
    refuse_windows(config.data.split.by)  # before anything is fetched
    found = rows_of_query(
        config.query,
        config.task.name,
        config.task.labels,
        config.task.hop_ms,
        config.frontend.sample_rate_hz,
        queries=queries,
        store=store,
        audio=audio,
        weak=config.data.weak,
        progress=progress,
    )
    if not found.rows:
        raise BadRequest(
            f"nobody has judged a frame of what the query selects ({found.dropped} frames dropped, {found.gone}"
            " recordings gone): `earshot annotate next` names stretches to judge"
        )
    counts: dict[str, Any] = {"frames": found.frames, "frames_dropped": found.dropped, "frames_weak": found.weak}
    counts |= {"recordings_gone": found.gone, "recordings_failed": len(found.failed)}
    return TrainingData(_split(config, found.rows, held_out), audio, counts)


def _split(config: TrainingConfig, rows: list[Row], held_out: frozenset[str]) -> list[Row]:
    split = config.data.split
    shares = {"train": split.train, "validation": split.validation, "test": split.test}
    return split_by_group(rows, shares, by=split.by, seed=config.seed, held_out=held_out)


def _manifest(config: TrainingConfig, held_out: frozenset[str]) -> TrainingData:
    path = Path(config.data.path)
    if not path.is_file():
        raise BadRequest(f"data.path: {path} is no file")
    try:
        rows = read_manifest(path)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    known = set(config.task.labels)
    kept = [row for row in rows if not row.labels or set(row.labels) & known]
    if len({row.split for row in kept}) < 2 or config.data.split.by != "group":
        kept = _split(config, kept, held_out)
    return TrainingData(kept, path.parent, {"rows_of_other_labels": len(rows) - len(kept)})


def _synthetic(config: TrainingConfig) -> TrainingData:
    from earshot.training.synthesis.render import content_recipes, instrument_recipes, render

    kind = "instruments" if config.task.name == "instruments" else "content"
    recipes = instrument_recipes(config.data.scale) if kind == "instruments" else content_recipes(config.data.scale)
    root = Path(config.data.path) / f"{kind}-{config.data.scale:g}"
    if not (root / "manifest.jsonl").exists():
        render(list(recipes), root, config.seed)
    return TrainingData(read_manifest(root / "manifest.jsonl"), root, {})
