"""Which model answers: the settings', the registry's, the shipped; and what a refused one leads to."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from earshot.errors import ComeAgain
from earshot.tagging.choose_model import Choice
from earshot.tagging.current_models import CurrentModels, Pointer
from earshot.tagging.onnx_model import ModelRefused
from tests import tiny_models

FIRST, SECOND = "20260101T000000Z-00000001", "20260201T000000Z-00000002"


@dataclass
class Registry:
    """Pointers, and what fetching a version leads to."""

    pointers: dict = field(default_factory=dict)
    fault: Exception | None = None

    def current(self, task):
        if self.fault:
            raise self.fault
        return self.pointers.get(task)

    def fetch(self, task, version, folder, backbones):
        return Path(folder, task, version)


@dataclass
class Bench:
    """The models of a tagger whose clock is turned by hand."""

    root: Path
    registry: Registry = field(default_factory=Registry)
    backend: str = "registry"
    bad: set = field(default_factory=set)
    minutes: float = 0

    def __post_init__(self):
        self.models = CurrentModels(
            {"content": self.backend},
            self.registry,
            Path("/models"),
            check=self.check,
            root=self.root,
            clock=lambda: self.minutes * 60,
        )

    def check(self, choice: Choice) -> None:
        if choice.folder and choice.folder.name in self.bad:
            raise ModelRefused(f"{choice.folder.name} answers with no numbers")

    def chosen(self):
        self.minutes += 2
        return self.models.choices()

    def point(self, version, generation):
        self.registry.pointers["content"] = Pointer("content", version, generation)


@pytest.fixture
def bench(tmp_path):
    tiny_models.write_content(tmp_path / "content")
    return Bench(tmp_path)


def test_without_a_pointer_the_shipped_model_answers(bench) -> None:
    (choice,) = bench.chosen()
    assert (choice.backend, choice.order) == ("shipped", 0)


def test_the_pointer_of_the_registry_is_followed_when_it_moves(bench) -> None:
    bench.point(FIRST, 5)
    (first,) = bench.chosen()
    bench.point(SECOND, 8)
    (second,) = bench.chosen()
    assert [(choice.folder.name, choice.order) for choice in (first, second)] == [(FIRST, 5), (SECOND, 8)]


def test_a_refused_model_leaves_the_one_before(bench, caplog) -> None:
    bench.point(FIRST, 5)
    bench.chosen()
    bench.bad.add(SECOND)
    bench.point(SECOND, 8)
    (choice,) = bench.chosen()
    assert choice.folder.name == FIRST
    assert SECOND in str(caplog.records[-1].fields["detail"])


def test_a_first_model_that_is_refused_leaves_the_shipped_one(bench) -> None:
    bench.bad.add(FIRST)
    bench.point(FIRST, 5)
    (choice,) = bench.chosen()
    assert choice.backend == "shipped"


def test_an_earlier_model_can_be_chosen_again(bench) -> None:
    for version, generation in ((FIRST, 5), (SECOND, 8), (FIRST, 9)):
        bench.point(version, generation)
        (choice,) = bench.chosen()
    assert (choice.folder.name, choice.order) == (FIRST, 9)


def test_a_version_that_the_settings_name_answers_whatever_the_pointer_says(tmp_path) -> None:
    bench = Bench(tmp_path, backend=SECOND)
    bench.point(FIRST, 5)
    (choice,) = bench.chosen()
    assert (choice.folder.name, choice.order) == (SECOND, 5)


def test_the_registry_is_looked_at_once_a_minute(bench) -> None:
    bench.models.choices()
    bench.point(FIRST, 5)
    assert bench.models.choices()[0].backend == "shipped"


def test_a_registry_that_fails_leaves_what_was_chosen(bench) -> None:
    bench.point(FIRST, 5)
    bench.chosen()
    bench.registry.fault = ComeAgain("busy")
    (choice,) = bench.chosen()
    assert choice.folder.name == FIRST


def test_a_task_without_any_model_is_left_out(tmp_path, caplog) -> None:
    assert Bench(tmp_path).chosen() == []
    assert "no model for content" in str(caplog.records[-1].fields["detail"])
