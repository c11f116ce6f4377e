"""Audio is read into memory in portions of bounded size."""

from pathlib import Path

import pytest

from earshot.audio.selected_recording import SelectedRecording
from earshot.exporting.export_request import MIB
from earshot.exporting.parquet import _portions
from earshot.exporting.types_and_protocols import Sample


def sample(path: Path, size: int) -> Sample:
    """A file of a size, of which nothing but the size is looked at."""
    with path.open("wb") as file:
        file.truncate(size)
    chosen = SelectedRecording.__new__(SelectedRecording)
    return Sample(path.stem, "train", path, "", sample_rate_hz=8000, channels=1, frames=1, chosen=chosen)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([16, 16, 16], [2, 1]),
        ([16, 17], [1, 1]),
        ([1, 40, 1], [1, 1, 1]),
        ([10, 10, 10, 10, 10], [3, 2]),
        ([], []),
    ],
)
def test_a_portion_holds_at_most_32_mib_unless_one_file_is_larger(
    sizes: list[int], expected: list[int], tmp_path: Path
) -> None:
    samples = [sample(tmp_path / str(number), size * MIB) for number, size in enumerate(sizes)]
    portions = list(_portions(samples))
    assert [len(portion) for portion in portions] == expected
    assert [one.key for portion in portions for one in portion] == [one.key for one in samples]
