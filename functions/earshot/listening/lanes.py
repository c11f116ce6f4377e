"""What the lanes of a recording draw: segments in few bytes, and the outline as a small picture."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

MOST_SEGMENTS = 4000  # of a task; a screen shows no more, and three hours stay within 300 KB
SPARK_BARS, SPARK_HEIGHT = 60, 24


def compact_segments(segments: Sequence[Mapping[str, Any]] | None, labels: list[str]) -> list[list[int]]:
    """Segments as [start_ms, end_ms, index of the label, score in per cent]; `labels` grows by new ones.

    Where there are too many, the shortest are left out.
    """
    kept = list(segments or ())
    if len(kept) > MOST_SEGMENTS:
        longest = sorted(kept, key=lambda one: one["start_ms"] - one["end_ms"])[:MOST_SEGMENTS]
        kept = sorted(longest, key=lambda one: (one["start_ms"], one["label"]))
    compact = []
    for one in kept:
        if one["label"] not in labels:
            labels.append(str(one["label"]))
        score = round(100 * float(one["score"] or 0))
        compact.append([int(one["start_ms"]), int(one["end_ms"]), labels.index(one["label"]), score])
    return compact


def sparkline(outline: bytes, duration_ms: float, segments: Iterable[Mapping[str, Any]]) -> str:
    """The outline as bars of an SVG, each with the class of what is heard there; colours are those of the page's theme.

    Args:
        outline: pairs of int8, minimum and maximum, as the file of visuals has them.
        segments: of content.
    """
    count = len(outline) // 2
    pairs = struct.unpack(f"{2 * count}b", outline[: 2 * count])
    levels = [max(-pairs[2 * at], pairs[2 * at + 1], 0) for at in range(count)]
    bars = []
    heard = sorted(segments, key=lambda one: one["start_ms"])
    for bar in range(SPARK_BARS):
        first, last = bar * count // SPARK_BARS, max((bar + 1) * count // SPARK_BARS, bar * count // SPARK_BARS + 1)
        level = max(levels[first:last], default=0) / 127
        height = max(round(level * SPARK_HEIGHT, 1), 1)
        middle = (bar + 0.5) / SPARK_BARS * duration_ms
        label = next((str(one["label"]) for one in heard if one["start_ms"] <= middle < one["end_ms"]), "none")
        colour = COLOURS.get(label, COLOURS["none"])
        bars.append(
            f'<rect x="{bar * 2}" y="{(SPARK_HEIGHT - height) / 2:.1f}" width="1.4" height="{height}"'
            f" fill={quoteattr(colour)}/>"
        )
    size = f'width="{SPARK_BARS * 2}" height="{SPARK_HEIGHT}" viewBox="0 0 {SPARK_BARS * 2} {SPARK_HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(bars)}</svg>'


COLOURS = {
    "speech": "#4a86b8",
    "music": "#d99a2b",
    "noise": "#7d8597",
    "singing": "#a274b5",
    "silence": "#b9bec8",
    "none": "#9aa1ad",
}
"""Of classes, in tones that show on light and on dark."""
