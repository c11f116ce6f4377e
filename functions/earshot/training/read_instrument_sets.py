"""Readers of three sets of single instruments: Philharmonia's notes, VocalSet's singers, Kaggle's MISD."""

from collections.abc import Iterator
from pathlib import Path

from earshot.training.dataset_reader_helpers import Stretch, UnknownLayout, split_of, table

PHILHARMONIA = {
    "banjo": "banjo",
    "bass": "bass",
    "cello": "cello",
    "clarinet": "clarinet",
    "double": "bass",
    "flute": "flute",
    "guitar": "guitar",
    "mandolin": "mandolin",
    "saxophone": "saxophone",
    "trombone": "trombone",
    "trumpet": "trumpet",
    "viola": "",
    "violin": "violin",
}
"""First part of a file's name, and OpenMIC's label; an empty one, and names that are not here, are left out."""

MISD = {"Sound_Guitar": "guitar", "Sound_Piano": "piano", "Sound_Violin": "violin", "Sound_Drum": "drums"}


def philharmonia(folder: Path) -> Iterator[Stretch]:
    """Philharmonia's INSTRUMENT_NOTE_LENGTH_LOUDNESS_STYLE.mp3, in any folder; notes of one pitch are a group."""
    found = False
    for path in sorted(folder.rglob("*.mp3")):
        parts = path.stem.split("_")
        found |= len(parts) >= 4
        name = parts[0].split("-")[0].lower()
        label = PHILHARMONIA.get(name, "")
        if len(parts) < 4 or not label or parts[0].lower().startswith(("bass-clarinet", "contrabassoon")):
            continue
        group = f"{label}/{parts[1]}"
        yield Stretch(path, (label,), group, split_of(group), "Philharmonia sound samples, CC BY-SA 3.0")
    if not found:
        raise UnknownLayout(f"{folder}: every INSTRUMENT_NOTE_LENGTH_LOUDNESS_STYLE.mp3 is missing")


def vocalset(folder: Path) -> Iterator[Stretch]:
    """VocalSet: FULL/SINGER/…/*.wav; a singer is a group; every clip is voice."""
    root = next((place for place in (folder / "FULL", folder / "VocalSet" / "FULL") if place.is_dir()), None)
    if root is None:
        raise UnknownLayout(f"{folder / 'FULL'} is missing; is the archive unpacked in its own layout?")
    for path in sorted(root.rglob("*.wav")):
        singer = path.relative_to(root).parts[0]
        yield Stretch(path, ("voice",), singer, split_of(singer), "VocalSet, CC BY 4.0")


def misd(folder: Path) -> Iterator[Stretch]:
    """MISD of Kaggle: Metadata_Train.csv and Metadata_Test.csv (FileName, Class), audio in folders of that name."""
    for name, audio, is_test in (
        ("Metadata_Train.csv", "Train_submission", False),
        ("Metadata_Test.csv", "Test_submission", True),
    ):
        root = folder / audio / audio if (folder / audio / audio).is_dir() else folder / audio
        for row in table(folder / name, ("FileName", "Class")):
            label = MISD.get(row["Class"])
            if label is None:
                raise UnknownLayout(f"{name}: class {row['Class']} is none of {', '.join(MISD)}")
            split = "test" if is_test else ("validation" if split_of(row["FileName"]) == "validation" else "train")
            yield Stretch(root / row["FileName"], (label,), f"{split}/{row['FileName']}", split, "MISD of Kaggle, CC0")
