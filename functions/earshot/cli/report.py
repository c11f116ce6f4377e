"""`earshot report`: the corpus, or a part of it, as one HTML file to send: figures, licences, examples to hear."""

import base64
import io
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from earshot.adapters.queries import Queries
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.errors import BadRequest, EarshotError
from earshot.plurals import counted

LINES = """
SELECT corpus.gcp_url, corpus.title, corpus.duration_ms, corpus.loudness, corpus.snr_db, corpus.heard, corpus.energy,
  corpus.licence, corpus.host, corpus.fault, judged.verdict, judged.reasons
FROM corpus
LEFT JOIN audio_verdicts AS judged ON judged.gcp_url = corpus.gcp_url AND judged.policy = 'default'
WHERE corpus.gcp_url IN (SELECT gcp_url FROM corpus WHERE {where}
)
LIMIT 100000
"""
FUNNEL = """
SELECT step, outcome, reason, SUM(recordings) AS recordings FROM funnel
GROUP BY step, outcome, reason
ORDER BY step, recordings DESC
LIMIT 200
"""
HEARD_S, PLAYED_RATE_HZ = 10.0, 16_000  # of an example: about 60 KB
EXAMPLES = 3  # best, and as many worst
BINS = 16
WIDTH, HEIGHT = 320, 96
COUNTED = (("heard", "Heard"), ("verdict", "Verdict"), ("energy", "Energy"), ("licence", "Licence"), ("host", "Host"))
SPREAD = (("loudness", "Loudness, dBFS"), ("snr_db", "Spread of levels, dB"), ("duration_s", "Duration, s"))

Row = Mapping[str, Any]


@explained
def report(
    to: Annotated[Path, typer.Option(help="File to write.", metavar="FILE")] = Path("report.html"),
    where: Annotated[
        str, typer.Option(help="Only recordings for which this SQL condition on the view corpus holds.")
    ] = "TRUE",
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Write one self-contained HTML file: numbers, distributions, funnel, licences, and the worst and best to hear.

    Nothing in it is loaded from elsewhere, so it can be sent and kept. Ten seconds of each example are in it: send it
    only where the licences allow that.
    """
    with at(data_dir, cloud) as target:
        written = write_report(target, to, where)
    say.print(f"{counted(written, 'recording')} described in {to}.")


def write_report(target: Target, to: Path, where: str = "TRUE") -> int:
    """Write the file; returns the number of recordings described.

    Raises:
        BadRequest: the condition cannot be read.
    """
    from earshot.listening.rendering import ENVIRONMENT

    queries = Queries(target.bigquery, target.settings.dataset)
    rows = [
        dict(row) | {"duration_s": (row["duration_ms"] or 0) / 1000} for row in queries.rows(LINES.format(where=where))
    ]
    ranked = sorted(rows, key=_goodness)
    best, worst = ranked[: -EXAMPLES - 1 : -1], ranked[:EXAMPLES]
    text = ENVIRONMENT.get_template("report.html").render(
        where=where,
        rows=rows,
        hours=sum(row["duration_s"] for row in rows) / 3600,
        counts=[(heading, Counter(str(row[name] or "—") for row in rows).most_common(8)) for name, heading in COUNTED],
        spreads=[(heading, histogram([row[name] for row in rows])) for name, heading in SPREAD],
        funnel=queries.rows(FUNNEL),
        examples=[
            ("Best", [(row, _played(target, row)) for row in best]),
            ("Worst", [(row, _played(target, row)) for row in worst if row not in best]),
        ],
    )
    part = to.with_name(f".{to.name}.part")
    part.write_text(text)
    part.replace(to)
    return len(rows)


def histogram(values: Sequence[float | None]) -> dict[str, Any]:
    """Bars of a distribution: their places in a picture of WIDTH by HEIGHT, and the ends of the axis."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return {"bars": [], "low": None, "high": None, "unknown": len(values)}
    low, high = known[0], known[-1]
    step = (high - low) / BINS or 1.0
    counts = [0] * BINS
    for value in known:
        counts[min(int((value - low) / step), BINS - 1)] += 1
    wide = WIDTH / BINS
    bars = [
        {
            "x": round(at * wide, 1),
            "height": round(count / max(counts) * HEIGHT, 1),
            "count": count,
            "from": low + at * step,
        }
        for at, count in enumerate(counts)
    ]
    return {"bars": bars, "low": low, "high": high, "unknown": len(values) - len(known), "wide": round(wide - 1.5, 1)}


def _goodness(row: Row) -> tuple[int, float]:
    order = {"reject": 0, "review": 1, "accept": 2}
    return order.get(str(row["verdict"]), 1), row["snr_db"] if row["snr_db"] is not None else -1000.0


def _played(target: Target, row: Row) -> str | None:
    """The first ten seconds as a data address of an Ogg file; None where they cannot be had."""
    import numpy as np
    import soundfile
    import soxr

    from earshot.sound.decode import opened
    from earshot.sound.limits_per_file import Limits
    from earshot.tagging.tag_recording import one_channel

    name = str(row["gcp_url"]).split("/", 3)[3]
    try:
        with tempfile.NamedTemporaryFile(suffix=Path(name).suffix[:8]) as file:
            target.bucket.blob(name).download_to_filename(file.name)
            with opened(Path(file.name), Limits(wall_s=60)) as decoding:
                rate, parts, seconds = decoding.stated.sample_rate_hz, [], 0.0
                for block in decoding:
                    parts.append(one_channel(block))
                    seconds += len(block) / rate
                    if seconds >= HEARD_S:
                        break
    except (EarshotError, OSError, BadRequest):
        return None
    mono = soxr.resample(np.concatenate(parts)[: round(HEARD_S * rate)], rate, PLAYED_RATE_HZ)
    out = io.BytesIO()
    soundfile.write(out, mono, PLAYED_RATE_HZ, format="OGG", subtype="VORBIS")
    return "data:audio/ogg;base64," + base64.b64encode(out.getvalue()).decode()
