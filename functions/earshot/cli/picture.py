"""Rows in, a picture out: how loud each recording is, how long, in which energy class, and how good its speech is."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from earshot.cli.place import Row

FLOOR_DBFS = -60.0  # where the axis ends; silence is -120 and would dwarf the rest
COLOURS = {"High Energy": "#d1495b", "Medium Energy": "#edae49", "Low Energy": "#30638e"}
INK = "#22313f"
MINUS = "\N{MINUS SIGN}"

QUERY = """
SELECT file_name, COALESCE(link_text, file_name) AS title, container, duration_ms, loudness, is_silent,
  classification, high_energy_dbfs, medium_energy_dbfs, pesq, quality_label
FROM audio_metadata
ORDER BY analysed_at DESC
LIMIT 60
"""  # more than that in one picture cannot be read


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write a PNG of the rows of `QUERY`, loudest on top."""
    ordered = sorted(rows, key=lambda row: row["loudness"])
    figure = Figure(figsize=(11, 1.9 + 0.34 * len(ordered)), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    loudness, duration = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    figure.suptitle(f"earshot: {len(ordered)} recordings", fontsize=14, fontweight="bold", color=INK, x=0.01, ha="left")
    colours = [COLOURS.get(row["classification"], "#888888") for row in ordered]
    places = range(len(ordered))
    levels = [max(row["loudness"], FLOOR_DBFS) for row in ordered]
    loudness.barh(places, [level - FLOOR_DBFS for level in levels], left=FLOOR_DBFS, color=colours, height=0.72)
    for place, row in zip(places, ordered, strict=True):
        said = "digital silence" if row["is_silent"] else f"{row['loudness']:.1f}".replace("-", MINUS)
        at = max(row["loudness"], FLOOR_DBFS)
        loudness.annotate(said, (at, place), (4, 0), textcoords="offset points", va="center", fontsize=8, color=INK)
    for name in ("high_energy_dbfs", "medium_energy_dbfs"):
        threshold = next((row[name] for row in ordered if row[name] is not None), None)
        if threshold is not None:
            loudness.axvline(threshold, color=INK, linewidth=0.8, linestyle=":")
    loudness.set_yticks(places, [shortened(f"{row['title']} ({row['container']})") for row in ordered], fontsize=9)
    loudness.set_xlim(FLOOR_DBFS, 3)
    loudness.set_ylim(-0.6, len(ordered) - 0.4)
    loudness.set_xlabel("loudness, dBFS (dotted: thresholds of the energy classes)")
    seconds = [row["duration_ms"] / 1000 for row in ordered]
    duration.barh(places, seconds, color=colours, alpha=0.55, height=0.72)
    for place, row in zip(places, ordered, strict=True):
        said = f"{row['duration_ms'] / 1000:.1f} s"
        if row["quality_label"]:
            said += f"   {row['quality_label']}, PESQ {row['pesq']:.2f}"
        at = row["duration_ms"] / 1000
        duration.annotate(said, (at, place), (4, 0), textcoords="offset points", va="center", fontsize=8, color=INK)
    duration.set_xlim(0, 1.9 * max(seconds, default=1))
    duration.set_xlabel("duration, s; quality where a clean original is known")
    for axes in (loudness, duration):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK)
    figure.legend(
        handles=[Patch(color=colour, label=name) for name, colour in COLOURS.items()],
        loc="upper right",
        ncols=3,
        frameon=False,
    )
    figure.savefig(path)


def shortened(title: str, most: int = 40) -> str:
    """A title that leaves room for the bars."""
    return title if len(title) <= most else title[: most - 1] + "…"
