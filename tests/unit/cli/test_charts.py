"""The chart of the demo."""

from pathlib import Path
from xml.etree.ElementTree import parse

from earshot.cli.demo_chart_svg import draw, shortened

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
SVG = "{http://www.w3.org/2000/svg}"


def drawn(tmp_path: Path, *rows: dict) -> tuple[list[str], list[dict], float]:
    """Texts, rectangles, and height of the picture."""
    draw(rows, tmp_path / "report.svg")
    picture = parse(tmp_path / "report.svg").getroot()
    texts = [text.text or "" for text in picture.iter(f"{SVG}text")]
    return texts, [bar.attrib for bar in picture.iter(f"{SVG}rect")], float(picture.attrib["height"])


def test_a_chart_grows_with_its_rows_and_has_the_loudest_on_top(tmp_path: Path) -> None:
    texts, bars, height = drawn(tmp_path, SILENT, ROW)
    assert texts[0] == "earshot: 2 recordings"
    assert texts.index("\N{MINUS SIGN}20.0") < texts.index("digital silence")
    assert "1.0 s · Good, PESQ 3.20" in texts
    loudness = [float(bar["width"]) for bar in bars if bar.get("x") == "330"]
    assert loudness == [260.0, 0.0]  # two thirds of 390 pixels from -60 to 0 dBFS, and nothing
    assert drawn(tmp_path, *[ROW] * 10)[2] > height


def test_a_chart_of_no_rows_is_drawn(tmp_path: Path) -> None:
    assert drawn(tmp_path)[0][0] == "earshot: 0 recordings"


def test_a_title_is_text_whatever_it_holds(tmp_path: Path) -> None:
    texts, _, _ = drawn(tmp_path, ROW | {"title": "<script>\x00\x1b\ufffe&amp;\ud800"})
    assert "<script>\\x00\\x1b&amp;\\ud800 (wav)" in texts


def test_a_long_title_is_cut() -> None:
    assert shortened("x" * 50) == "x" * 39 + "…"
    assert shortened("x" * 40) == "x" * 40
