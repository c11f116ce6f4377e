"""Draws rows of audio_metadata as SVG: loudness, duration, energy class and speech quality of each recording.

Written by hand: a library for charts with its fonts would be an eighth of what the demo installs.
"""

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement

from earshot.cli.row_formats import Row, printable
from earshot.plurals import counted

AXIS_START_DBFS = -60  # where the axis ends; silence is -120 and would dwarf the rest
COLOURS = {"High Energy": "#d1495b", "Medium Energy": "#edae49", "Low Energy": "#30638e"}
INK = "#22313f"
MINUS = "\N{MINUS SIGN}"

WIDTH, TOP, ROW, FOOT, BAR = 1180, 58, 28, 58, 20  # pixels: of the picture, above, of a row, below, of a bar
LOUDNESS, LOUDNESS_WIDTH = 330, 390  # left edge of the bars of loudness, and the pixels up to 0 dBFS
DURATION, DURATION_WIDTH = 790, 160  # left edge of the bars of duration, and the pixels of the longest

QUERY = """
SELECT recording.file_name, COALESCE(recording.link_text, recording.file_name) AS title, recording.container,
  recording.duration_ms, recording.loudness, recording.is_silent, recording.classification,
  recording.high_energy_dbfs, recording.medium_energy_dbfs, recording.pesq, recording.quality_label,
  content.top_label AS heard
FROM audio_metadata AS recording
LEFT JOIN (SELECT gcp_url, top_label FROM predictions_current WHERE task = 'content') AS content
  ON content.gcp_url = recording.gcp_url
ORDER BY recording.analysed_at DESC
LIMIT 60
"""  # more than that in one picture cannot be read


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write an SVG of the rows of `QUERY`, loudest on top. Texts of strangers become text of the picture, no markup."""
    ordered = sorted(rows, key=lambda row: row["loudness"], reverse=True)
    height = TOP + ROW * len(ordered) + FOOT
    picture = Element(
        "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {height}", width=f"{WIDTH}", height=f"{height}"
    )
    picture.set("font-family", "Helvetica, Arial, sans-serif")
    SubElement(picture, "rect", width="100%", height="100%", fill="white")
    _write(picture, f"earshot: {counted(len(ordered), 'recording')}", 16, 32, size=19, bold=True)
    for index, (name, colour) in enumerate(COLOURS.items()):
        left = DURATION + 140 * (index - 1)
        SubElement(picture, "rect", x=f"{left}", y="20", width="24", height="13", fill=colour)
        _write(picture, name, left + 31, 31)
    bottom = TOP + ROW * len(ordered)
    _draw_axes(picture, ordered, bottom)
    longest = max((row["duration_ms"] for row in ordered), default=0) or 1
    for index, row in enumerate(ordered):
        _draw_row(picture, row, TOP + ROW * index, longest)
    ElementTree(picture).write(path, encoding="utf-8", xml_declaration=True)


def _draw_axes(picture: Element, rows: Sequence[Row], bottom: int) -> None:
    for level in range(AXIS_START_DBFS, 1, 10):
        _write(picture, f"{level}".replace("-", MINUS), _x(level), bottom + 18, anchor="middle")
    for name in ("high_energy_dbfs", "medium_energy_dbfs"):
        threshold = next((row[name] for row in rows if row[name] is not None), None)
        if threshold is not None:
            x = f"{_x(threshold):.1f}"
            line = SubElement(picture, "line", x1=x, x2=x, y1=f"{TOP}", y2=f"{bottom}", stroke=INK)
            line.set("stroke-dasharray", "2 3")
    _write(picture, "loudness, dBFS (dotted: thresholds of the energy classes)", LOUDNESS, bottom + 42)
    _write(picture, "duration; what is heard; quality where a clean original is known", DURATION, bottom + 42)


def _draw_row(picture: Element, row: Row, top: int, longest_ms: int) -> None:
    colour = COLOURS.get(row["classification"], "#888888")
    baseline = top + 15
    _write(picture, shortened(f"{row['title']} ({row['container']})"), LOUDNESS - 10, baseline, anchor="end")
    end = _x(max(min(row["loudness"], 0.0), AXIS_START_DBFS))
    _bar(picture, LOUDNESS, top, end - LOUDNESS, colour)
    label = "digital silence" if row["is_silent"] else f"{row['loudness']:.1f}".replace("-", MINUS)
    _write(picture, label, end + 6, baseline, on_white=True)
    length = DURATION_WIDTH * row["duration_ms"] / longest_ms
    _bar(picture, DURATION, top, length, colour, opacity=0.55)
    quality = f"{row['quality_label']}, PESQ {row['pesq']:.2f}" if row["quality_label"] else None
    said = [f"{row['duration_ms'] / 1000:.1f} s", row.get("heard"), quality]
    _write(picture, " · ".join(str(part) for part in said if part), DURATION + length + 6, baseline)


def _x(level_dbfs: float) -> float:
    return LOUDNESS + LOUDNESS_WIDTH * (level_dbfs - AXIS_START_DBFS) / -AXIS_START_DBFS


def _bar(picture: Element, left: float, top: int, width: float, colour: str, opacity: float = 1.0) -> None:
    made = SubElement(picture, "rect", x=f"{left}", y=f"{top}", width=f"{width:.1f}", height=f"{BAR}", fill=colour)
    made.set("opacity", f"{opacity:g}")


def _write(
    picture: Element,
    text: str,
    x: float,
    y: float,
    *,
    anchor: str = "start",
    size: int = 12,
    bold: bool = False,
    on_white: bool = False,
) -> None:
    made = SubElement(picture, "text", x=f"{x:.1f}", y=f"{y:.1f}", fill=INK)
    made.set("font-size", f"{size}")
    made.set("text-anchor", anchor)
    if bold:
        made.set("font-weight", "bold")
    if on_white:  # so that a dotted line does not cross it
        made.attrib |= {"stroke": "white", "stroke-width": "4", "paint-order": "stroke"}
    made.text = printable(text).replace("\ufffe", "").replace("\uffff", "")  # which XML does not allow


def shortened(title: str, most: int = 40) -> str:
    """The title cut to `most` characters."""
    return title if len(title) <= most else title[: most - 1] + "…"
