"""The test after a deployment: a tone goes onto the shelf, its row comes out of the table, and both go again."""

import argparse
import io
import math
import sys
import time
import uuid
import wave
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from earshot.adapters import clients
from earshot.audio import shard

if TYPE_CHECKING:
    from google.cloud.bigquery import Client as BigQueryClient
    from google.cloud.bigquery.table import Row
    from google.cloud.storage import Client as StorageClient

LEVEL_DBFS = -20.0
DURATION_MS = 1000
POLL_S = 2.0


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


def smoke(
    storage: "StorageClient", bigquery: "BigQueryClient", *, bucket: str, table: str, patience_s: float
) -> tuple[float, "Row"]:
    """Seconds from the tone's arrival to its row, and that row; object and row are removed in any case.

    Args:
        table: `project.dataset.name` of the table of recordings.

    Raises:
        TimeoutError: no row within `patience_s`.
        ValueError: a row with another level or duration than the tone's.
    """
    blob = storage.bucket(bucket).blob(f"audio/smoke-{uuid.uuid4().hex}.wav")
    gcp_url = f"gs://{bucket}/{blob.name}"
    mine = f"shard = {shard(gcp_url)} AND gcp_url = '{gcp_url}'"
    started = time.monotonic()
    blob.upload_from_string(tone(), content_type="audio/wav", if_generation_match=0)
    try:
        sql = f"SELECT duration_ms, loudness, classification FROM `{table}` WHERE {mine}"  # noqa: S608 - ours
        while not (rows := list(bigquery.query_and_wait(sql))):
            if time.monotonic() - started > patience_s:
                raise TimeoutError(f"no row of {gcp_url} in {table} after {patience_s:.0f} s")
            time.sleep(POLL_S)
        waited_s = time.monotonic() - started
        row = rows[0]
        if abs(row["loudness"] - LEVEL_DBFS) > 0.1 or row["duration_ms"] != DURATION_MS:
            raise ValueError(f"a tone of {LEVEL_DBFS} dBFS and {DURATION_MS} ms was measured as {dict(row.items())}")
        return waited_s, row
    finally:
        blob.delete()  # first, so that news delivered late finds nothing to measure
        bigquery.query_and_wait(f"DELETE FROM `{table}` WHERE {mine}")  # noqa: S608 - ours


def main(argv: Sequence[str] | None = None) -> None:
    """Run against a project; exits 1 with one line that says what did not come."""
    parser = argparse.ArgumentParser(prog="smoke", description=__doc__)
    parser.add_argument("--project", required=True)
    parser.add_argument("--bucket", help="default: PROJECT-earshot-audio")
    parser.add_argument("--table", help="default: PROJECT.earshot.audio_metadata")
    parser.add_argument("--patience-s", type=float, default=300.0, help="how long to wait for the row")
    told = parser.parse_args(argv)
    try:
        waited_s, row = smoke(
            clients.storage(told.project),
            clients.bigquery(told.project),
            bucket=told.bucket or f"{told.project}-earshot-audio",
            table=told.table or f"{told.project}.earshot.audio_metadata",
            patience_s=told.patience_s,
        )
    except (TimeoutError, ValueError) as error:
        sys.exit(f"smoke test failed: {error}")
    said = f"{row['loudness']:.2f} dBFS, {row['duration_ms']} ms, {row['classification']}"
    sys.stdout.write(f"A tone went in; after {waited_s:.1f} s its row came out: {said}. Both are removed.\n")


if __name__ == "__main__":
    main()
