"""Draws rows of audio_metadata as a PNG: loudness, duration, energy class and speech quality of each recording."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from earshot.cli.row_formats import Row

AXIS_START_DBFS = -60.0  # where the axis ends; silence is -120 and would dwarf the rest
COLOURS = {"High Energy": "#d1495b", "Medium Energy": "#edae49", "Low Energy": "#30638e"}
INK = "#22313f"
MINUS = "\N{MINUS SIGN}"

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
    """Write a PNG of the rows of `QUERY`, loudest on top."""
    ordered = sorted(rows, key=lambda row: row["loudness"])
    figure = Figure(figsize=(11.5, 1.9 + 0.34 * len(ordered)), dpi=120)
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.1)
    FigureCanvasAgg(figure)
    loudness, duration = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    _draw_loudness(loudness, ordered)
    _draw_duration(duration, ordered)
    for axes in (loudness, duration):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK, left=False)
    title = f"earshot: {len(ordered)} recordings"
    figure.suptitle(title, fontsize=14, fontweight="bold", color=INK, x=0.012, ha="left")
    handles = [Patch(color=colour, label=name) for name, colour in COLOURS.items()]
    figure.legend(handles=handles, loc="upper right", ncols=3, frameon=False, labelcolor=INK)
    figure.savefig(path)


def _draw_loudness(axes: Axes, rows: Sequence[Row]) -> None:
    for name in ("high_energy_dbfs", "medium_energy_dbfs"):
        threshold = next((row[name] for row in rows if row[name] is not None), None)
        if threshold is not None:
            axes.axvline(threshold, color=INK, linewidth=0.8, linestyle=":")
    levels = [max(row["loudness"], AXIS_START_DBFS) for row in rows]
    axes.barh(
        range(len(rows)), [level - AXIS_START_DBFS for level in levels], left=AXIS_START_DBFS, color=_colours(rows)
    )
    for index, (row, level) in enumerate(zip(rows, levels, strict=True)):
        label = "digital silence" if row["is_silent"] else f"{row['loudness']:.1f}".replace("-", MINUS)
        _write(axes, label, level, index)
    axes.set_yticks(range(len(rows)), [shortened(f"{row['title']} ({row['container']})") for row in rows], fontsize=9)
    axes.set_xlim(AXIS_START_DBFS, 3)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel("loudness, dBFS (dotted: thresholds of the energy classes)", color=INK)


def _draw_duration(axes: Axes, rows: Sequence[Row]) -> None:
    seconds = [row["duration_ms"] / 1000 for row in rows]
    axes.barh(range(len(rows)), seconds, color=_colours(rows), alpha=0.55)
    for index, (row, lasting) in enumerate(zip(rows, seconds, strict=True)):
        quality = f"   {row['quality_label']}, PESQ {row['pesq']:.2f}" if row["quality_label"] else ""
        heard = f"   {row['heard']}" if row.get("heard") else ""
        _write(axes, f"{lasting:.1f} s{heard}{quality}", lasting, index)
    axes.set_xlim(0, 2 * max(seconds, default=1))
    axes.set_xlabel("duration, s; what is heard; quality where a clean original is known", color=INK)


def _write(axes: Axes, label: str, x: float, index: int) -> None:
    """Write a label after the end of a bar, on white so that lines do not cross it."""
    axes.annotate(
        label,
        (x, index),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )


def _colours(rows: Sequence[Row]) -> list[str]:
    return [COLOURS.get(row["classification"], "#888888") for row in rows]


def shortened(title: str, most: int = 40) -> str:
    """The title cut to `most` characters."""
    return title if len(title) <= most else title[: most - 1] + "…"
