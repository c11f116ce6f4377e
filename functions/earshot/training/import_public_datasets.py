"""A public set of recordings, unpacked in a folder, as a manifest: `earshot datasets prepare`.

Each reader takes the archive's own layout, and says so where a folder or file that it needs is missing. The group of a
stretch is what must not be split: the artist's folder, the recording, or the excerpt's source.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import soundfile

from earshot.training.dataset_reader_helpers import Reader, Stretch, UnknownLayout, files, share_of, split_of, table
from earshot.training.read_instrument_sets import misd, philharmonia, vocalset
from earshot.training.training_data_manifest import Row, write_manifest

IRMAS = {
    "cel": "cello",
    "cla": "clarinet",
    "flu": "flute",
    "gac": "guitar",
    "gel": "guitar",
    "org": "organ",
    "pia": "piano",
    "sax": "saxophone",
    "tru": "trumpet",
    "vio": "violin",
    "voi": "voice",
}
FSD = {
    "Acoustic_guitar": "guitar",
    "Cello": "cello",
    "Clarinet": "clarinet",
    "Cowbell": "mallet_percussion",
    "Electric_piano": "piano",
    "Flute": "flute",
    "Glockenspiel": "mallet_percussion",
    "Saxophone": "saxophone",
    "Snare_drum": "drums",
    "Bass_drum": "drums",
    "Hi-hat": "cymbals",
    "Trumpet": "trumpet",
    "Violin_or_fiddle": "violin",
    "Double_bass": "bass",
}
"""Labels of FSDKaggle2018 that are instruments of OpenMIC's vocabulary; the others are left out."""


def gtzan(folder: Path) -> Iterator[Stretch]:
    """GTZAN music/speech: music_speech/{music_wav,speech_wav}/*.wav."""
    for name, label in (("music_wav", "music"), ("speech_wav", "speech")):
        for path in files(folder / "music_speech" / name, "*.wav"):
            yield Stretch(
                path, (label,), path.stem, split_of(path.stem), "GTZAN music/speech: for research, no licence given"
            )


def musan(folder: Path) -> Iterator[Stretch]:
    """MUSAN: musan/{music,speech,noise}/SOURCE/*.wav; a source is a group."""
    for label in ("music", "speech", "noise"):
        root = folder / "musan" / label
        for path in files(root, "*/*.wav"):
            group = f"{label}/{path.parent.name}/{path.stem}"
            yield Stretch(path, (label,), group, split_of(group), "MUSAN, CC BY 4.0")


def irmas(folder: Path) -> Iterator[Stretch]:
    """IRMAS: the training folder's name is the predominant instrument; other labels of an excerpt are unknown."""
    root = folder / "IRMAS-TrainingData"
    for code, label in IRMAS.items():
        for path in files(root / code, "*.wav"):
            group = path.stem.split("__")[0].split("]")[-1] or path.stem  # excerpts of one recording share a number
            others = tuple(sorted(set(IRMAS.values()) - {label}))
            yield Stretch(path, (label,), group, split_of(group), "IRMAS, CC BY-NC-SA 3.0", others)


def openmic(folder: Path) -> Iterator[Stretch]:
    """OpenMIC-2018: partial labels; relevance of 0.5 and more is present, less is absent, no row is unknown."""
    root = folder / "openmic-2018"
    judged: dict[str, dict[str, float]] = {}
    for row in table(root / "openmic-2018-aggregated-labels.csv", ("sample_key", "instrument", "relevance")):
        judged.setdefault(row["sample_key"], {})[row["instrument"].replace(" ", "_")] = float(row["relevance"])
    names = sorted({name for labels in judged.values() for name in labels})
    test_file = root / "partitions" / "split01_test.csv"
    if not test_file.exists():
        raise UnknownLayout(f"{test_file} is missing")
    test = set(test_file.read_text().split())
    for key, labels in sorted(judged.items()):
        path = root / "audio" / key[:3] / f"{key}.ogg"
        present = tuple(sorted(name for name, relevance in labels.items() if relevance >= 0.5))
        unknown = tuple(name for name in names if name not in labels)
        split = "test" if key in test else ("validation" if share_of(key) < 0.1 else "train")
        yield Stretch(path, present, key, split, "OpenMIC-2018, CC BY 4.0", unknown)


def fsdkaggle2018(folder: Path) -> Iterator[Stretch]:
    """FSDKaggle2018: clips of one label each, with a licence each; labels that are no instrument are left out."""
    meta = folder / "FSDKaggle2018.meta"
    for name, audio, is_test in (
        ("train_post_competition.csv", "FSDKaggle2018.audio_train", False),
        ("test_post_competition_scoring_clips.csv", "FSDKaggle2018.audio_test", True),
    ):
        for row in table(meta / name, ("fname", "label", "license")):
            if row["label"] in FSD:
                split = "test" if is_test else ("validation" if share_of(row["fname"]) < 0.1 else "train")
                yield Stretch(folder / audio / row["fname"], (FSD[row["label"]],), row["fname"], split, row["license"])


READERS: dict[str, Reader] = {
    "gtzan": gtzan,
    "musan": musan,
    "irmas": irmas,
    "openmic": openmic,
    "fsdkaggle2018": fsdkaggle2018,
    "philharmonia": philharmonia,
    "vocalset": vocalset,
    "misd": misd,
}


def prepare(name: str, folder: Path) -> Path:
    """Write folder/NAME.manifest.jsonl and return its path.

    Raises:
        UnknownLayout: a folder, file or column that the set has is missing, or no recording was found.
    """
    rows = []
    for stretch in READERS[name](folder):
        if not stretch.path.exists():
            raise UnknownLayout(f"{stretch.path} is named by the set's table and missing")
        facts = soundfile.info(stretch.path)
        digest = hashlib.sha256(stretch.path.read_bytes()).hexdigest()
        end_ms = int(facts.frames * 1000 / facts.samplerate)
        path = stretch.path.relative_to(folder).as_posix()
        rows.append(
            Row(path, stretch.labels, 0, end_ms, stretch.group, stretch.split, stretch.licence, digest, stretch.unknown)
        )
    if not rows:
        raise UnknownLayout(f"{folder} holds no recording of {name}")
    return write_manifest(folder / f"{name}.manifest.jsonl", rows)
