"""A little of `make fuzz`: files damaged at random end in a row or a refusal."""

from itertools import islice
from pathlib import Path

from fuzz import accidents, end_of


def test_damaged_files_end_in_a_row_or_a_refusal(tmp_path: Path) -> None:
    ends = set()
    for kind, body in islice(accidents(seed=7), 60):
        path = tmp_path / kind
        path.write_bytes(body)
        ends.add(end_of(path))
    assert ends <= {"row", "not_audio", "undecodable", "empty", "too_long", "crash"}
    assert "row" in ends
