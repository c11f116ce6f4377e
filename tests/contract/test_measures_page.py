"""docs/measures.md and docs/features.md against the tests and the code."""

import re
from pathlib import Path

import pyarrow.parquet as pq

from earshot.sound.frame_features import write_features
from tests.sounds import noise, written
from tests.truths import BEGIN, DOCUMENT, END, TRUTHS, allowed, shown


def test_the_truth_table_lists_every_expected_value_of_the_tests():
    rows = DOCUMENT.read_text().partition(BEGIN)[2].partition(END)[0].strip().splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    listed = [(column.strip("`"), signal, expected, tolerance) for column, signal, expected, tolerance, _, _ in cells]
    assert listed == [(t.column, t.signal, shown(t.expected), allowed(t)) for t in TRUTHS], "make measures"


def test_each_measured_value_in_the_truth_table_is_within_its_tolerance():
    rows = DOCUMENT.read_text().partition(BEGIN)[2].partition(END)[0].strip().splitlines()[2:]
    for row, truth in zip(rows, TRUTHS, strict=True):
        got = row.strip("|").split("|")[4].strip()
        assert (
            truth.holds(float(got))
            if isinstance(truth.expected, float)
            else got == shown(truth.expected) or (truth.above and truth.holds(float(got)))
        ), row


def test_the_features_page_lists_every_column(tmp_path):
    page = Path(DOCUMENT.with_name("features.md")).read_text()
    documented = []
    for cell in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE):
        names = re.findall(r"`(\w+)`", cell)
        stem, last = names[0].rsplit("_", 1)[0], names[-1].rsplit("_", 1)[-1]
        documented += [f"{stem}_{n:02d}" for n in range(1, int(last) + 1)] if len(names) == 2 else names
    out = tmp_path / "features.parquet"
    write_features(written(tmp_path / "a.wav", noise(seconds=0.5)), out)
    assert set(pq.read_table(out).column_names) == set(documented)
