"""The chart of the demo."""

from pathlib import Path

from matplotlib.image import imread

from earshot.cli.demo_chart_png import draw, shortened

ROW = {
    "title": "A very long title that says everything about the recording and then some",
    "container": "wav",
    "duration_ms": 1000,
    "loudness": -20.0,
    "is_silent": False,
    "classification": "Medium Energy",
    "high_energy_dbfs": -14.0,
    "medium_energy_dbfs": -26.0,
    "pesq": 3.2,
    "quality_label": "Good",
}
SILENT = ROW | {"loudness": -120.0, "is_silent": True, "classification": "Low Energy", "quality_label": None}


def test_a_chart_grows_with_its_rows(tmp_path: Path) -> None:
    heights = []
    for count in (1, 10):
        draw([ROW, SILENT] * count, tmp_path / "report.png")
        heights.append(imread(tmp_path / "report.png").shape[0])
    assert heights[1] > heights[0]


def test_a_chart_of_no_rows_is_drawn(tmp_path: Path) -> None:
    draw([], tmp_path / "report.png")
    assert imread(tmp_path / "report.png").size


def test_a_long_title_is_cut() -> None:
    assert shortened("x" * 50) == "x" * 39 + "…"
    assert shortened("x" * 40) == "x" * 40
