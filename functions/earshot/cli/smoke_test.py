"""`earshot smoke`: stores a tone, waits for its row, and deletes both."""

import io
import math
import sys
import time
import uuid
import wave
from array import array

from earshot.audio import shard
from earshot.cli.options import Wait
from earshot.cli.row_formats import Row
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.errors import EarshotError

LEVEL_DBFS = -20.0
DURATION_MS = 1000


class WrongRow(EarshotError):
    """The row differs from the tone."""


@explained
def smoke(
    wait_s: Wait = 300.0,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Store a tone, wait for its row, and delete both: does the deployment work?"""
    with at(data_dir, cloud) as target:
        waited_s, row = measure_tone(target, wait_s)
    measures = f"{row['loudness']:.2f} dBFS, {row['duration_ms']} ms, {row['classification']}"
    say.print(f"The row of the tone appeared after {waited_s:.1f} s: {measures}. Tone and row are deleted.")


def measure_tone(target: Target, patience_s: float) -> tuple[float, Row]:
    """Store a tone; returns the seconds until its row appeared, and the row. Both are deleted in any case.

    Raises:
        TimeoutError: no row within `patience_s`.
        WrongRow: a row with another level or duration than the tone's.
    """
    blob = target.bucket.blob(f"audio/smoke-{uuid.uuid4().hex}.wav")
    gcp_url = f"gs://{target.bucket.name}/{blob.name}"
    mine = f"WHERE shard = {shard(gcp_url)} AND gcp_url = @gcp_url"
    started = time.monotonic()
    blob.upload_from_string(tone(), content_type="audio/wav", if_generation_match=0)
    try:
        sql = f"SELECT duration_ms, loudness, classification FROM audio_metadata {mine}"  # noqa: S608 - a computed number
        while not (rows := target.query(sql, gcp_url=gcp_url)):
            if time.monotonic() - started > patience_s:
                raise TimeoutError(f"no row of {gcp_url} after {patience_s:.0f} s")
            time.sleep(target.settings.poll_s)
        waited_s = time.monotonic() - started
        (row,) = rows
        if abs(row["loudness"] - LEVEL_DBFS) > 0.1 or row["duration_ms"] != DURATION_MS:
            raise WrongRow(f"a tone of {LEVEL_DBFS} dBFS and {DURATION_MS} ms was measured as {row}")
        return waited_s, row
    finally:
        blob.delete()  # first, so that a late notification finds nothing to measure
        for table in ("audio_metadata", "analyses"):
            target.query(f"DELETE FROM {table} {mine}", gcp_url=gcp_url)  # noqa: S608 - fixed names and a computed number


def tone(level_dbfs: float = LEVEL_DBFS, duration_ms: int = DURATION_MS, rate_hz: int = 48000) -> bytes:
    """A WAV file: one channel of a 1 kHz sine, 16 bit, whose RMS is `level_dbfs` below full scale."""
    peak = 32767 * math.sqrt(2) * 10 ** (level_dbfs / 20)
    step = 2 * math.pi * 1000 / rate_hz
    samples = array("h", (round(peak * math.sin(step * frame)) for frame in range(rate_hz * duration_ms // 1000)))
    if sys.byteorder == "big":
        samples.byteswap()
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(samples.tobytes())
    return file.getvalue()
