"""The clean recording that another is compared with: named by a label, by its name or by its source."""

import pytest

from earshot.audio import ObjectMetadata, audio_id
from earshot.sound.find_clean_reference import Reference, resolve

ORIGINAL = "https://freesound.example/apiv2/sounds/7/download/"
KEPT = f"audio/{audio_id(ORIGINAL)}.flac"
LYING = [
    KEPT,
    "references/noisy/p1_002.flac",
    "references/p1_001.b.wav",
    "references/p1_001.wav",
    "references/p1_002.wav",
]


def names(prefix: str) -> list[str]:
    return [name for name in LYING if name.startswith(prefix)]


def found(name: str, **metadata: str) -> Reference | None:
    return resolve(name, ObjectMetadata(**metadata), bucket="sounds", names=names)


@pytest.mark.parametrize("label", ["gs://sounds/clean/a.wav", "clean/a.wav"])
def test_a_label_names_it(label: str) -> None:
    assert found("noisy/p1_001.wav", reference=label) == Reference("clean/a.wav", "label")


@pytest.mark.parametrize("label", ["gs://elsewhere/clean/a.wav", "gs://sounds/", "gs://sounds/audio/a.wav"])
def test_a_label_that_leads_nowhere_else_gives_none_rather_than_a_guess(label: str) -> None:
    assert found("audio/a.wav", reference=label) is None


def test_the_same_name_under_references_is_one_whatever_the_extension() -> None:
    assert found("noisy/p1_001.mp3") == Reference("references/p1_001.wav", "prefix")


def test_the_longer_path_comes_first() -> None:
    assert found("noisy/p1_002.mp3") == Reference("references/noisy/p1_002.flac", "prefix")


def test_the_name_that_a_file_had_counts_too() -> None:
    assert found("audio/0f3a.mp3", file_name="p1_001.mp3") == Reference("references/p1_001.wav", "prefix")


def test_a_name_that_only_begins_the_same_is_not_it() -> None:
    assert found("noisy/p1.mp3") is None


def test_a_preview_has_the_original_of_its_source() -> None:
    assert found("audio/p.ogg", original_url=ORIGINAL) == Reference(KEPT, "original")


def test_an_original_has_none() -> None:
    assert found(KEPT, source_url=ORIGINAL) is None


def test_a_preview_whose_original_is_not_kept_has_none() -> None:
    assert found("audio/p.ogg", original_url="https://freesound.example/apiv2/sounds/8/download/") is None


def test_a_reference_has_none() -> None:
    assert found("references/p1_001.wav", reference="gs://sounds/x.wav") is None
