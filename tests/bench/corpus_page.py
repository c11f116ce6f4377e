"""`make bench-page`: how long the corpus page of 100,000 recordings takes, and what of it the engine does.

On the embedded engine, so the seconds are this machine's. `first` is the first call after the page has started and
prepared its statements. CPU is that of the reader and of the engine together.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from google.cloud import bigquery

from earshot.adapters import google_clients
from earshot.adapters.corpus import Corpus
from earshot.adapters.recording_detail import Recordings
from earshot.audio.corpus_filters import Filters
from earshot.local import resources
from earshot.local.processes import Processes, free_ports

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
RECORDINGS = """
INSERT INTO d.audio_metadata (gcp_url, audio_id, file_name, link_text, shard, generation, analyser_version, duration_ms,
  loudness, classification, source_url, license, analysed_at, bytes, sample_rate_hz, channels, is_silent, snr_db, pesq,
  integrated_lufs, clipped_ratio, dropouts, consent)
SELECT CONCAT('gs://recordings/audio/', CAST(n AS STRING), '.flac'), TO_HEX(MD5(CAST(n AS STRING))),
  CONCAT(CAST(n AS STRING), '.flac'), CONCAT('Recording ', CAST(n AS STRING)), MOD(n, 1000), 10, 2,
  1000 + MOD(n * 7919, 900000),
  -10.0 - MOD(n, 400) / 10, ['High Energy', 'Medium Energy', 'Low Energy'][OFFSET(MOD(n, 3))],
  CONCAT('https://host', CAST(MOD(n, 40) AS STRING), '.example.org/', CAST(n AS STRING), '.flac'),
  ['CC0-1.0', 'CC-BY-4.0', 'CC-BY-NC-4.0', ''][OFFSET(MOD(n, 4))],
  TIMESTAMP_ADD(TIMESTAMP '2026-11-01', INTERVAL n SECOND),
  1000000, [8000, 16000, 44100, 48000][OFFSET(MOD(n, 4))], 1, MOD(n, 997) = 0, MOD(n, 60) * 1.0, 1.0 + MOD(n, 35) / 10,
  -12.0 - MOD(n, 400) / 10, MOD(n, 50) / 10000, MOD(n, 9),
  IF(MOD(n, 5) = 0, '[{"signal": "noai", "from": "header"}]', NULL)
FROM UNNEST(GENERATE_ARRAY(1, {rows})) AS n
"""
PREDICTIONS = """
INSERT INTO d.predictions (gcp_url, shard, generation, task, model, model_version, top_labels, segments, summary,
  speech_ratio, music_ratio, noise_ratio, singing_ratio)
SELECT recording.gcp_url, recording.shard, 10, task, 'bench', '1',
  IF(
    task = 'instruments',
    '[{"label": "piano", "score": 0.9, "coverage": 0.4}, {"label": "violin", "score": 0.7, "coverage": 0.2}]',
    CONCAT(
      '[{"label": "', ['speech', 'music', 'noise', 'singing'][OFFSET(MOD(recording.shard, 4))],
      '", "score": 0.9, "coverage": 0.8}]'
    )
  ),
  '[{"label": "speech", "start_ms": 0, "end_ms": 1000, "score": 0.9}]',
  IF(task = 'loudness_class', '{"quiet": 0.2, "normal": 0.5, "loud": 0.3}', NULL),
  MOD(recording.shard, 100) / 100, 0.2, 0.1, 0.0
FROM d.audio_metadata AS recording CROSS JOIN UNNEST(['content', 'instruments', 'loudness_class']) AS task
"""
PAGES: dict[str, Filters] = {
    "first page": Filters(),
    "another facet": Filters(facets={"heard": ("music",)}),
    "two facets": Filters(facets={"heard": ("music",), "licence": ("CC0-1.0",)}),
    "by loudness": Filters(sort="loudness"),
    "search text": Filters(text="host7.example"),
}


def fill(client: bigquery.Client, rows: int) -> None:
    """That many recordings, each heard by three tasks, and a few judgements."""
    for sql in (RECORDINGS.replace("{rows}", str(rows)), PREDICTIONS):
        client.query(sql).result()


def main() -> None:
    """Measure, and print a line a page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--home", type=Path, help="keep the filled tables here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Processes(Path(folder) / "logs") as processes:
        (port,) = free_ports(1)
        os.environ["BIGQUERY_EMULATOR_HOST"] = host = f"http://127.0.0.1:{port}"
        home = arguments.home or Path(folder) / "bigquery"
        is_filled = home.exists()
        engine = processes.start("bigquery", "earshot.local.bigquery_emulator", "--port", port, "--folder", home)
        engine.wait(f"{host}/healthz")
        client = google_clients.bigquery("bench")
        began = time.monotonic()
        resources.make_tables("bench", "d")
        if not is_filled:
            fill(client, arguments.rows)
        print(f"{arguments.rows} recordings, made in {time.monotonic() - began:.0f} s")
        corpus = Corpus(client, "d")
        recordings = Recordings(corpus)
        corpus.prepare()  # as the page does at its start
        print(f"{'':16}   first s   again s   CPU s")
        for name, filters in PAGES.items():
            timed(
                name,
                lambda filters=filters: (corpus.page(filters), filters.is_narrowed and recordings.totals()),
                engine.pid,
            )
        after = corpus.page(Filters()).after
        timed("next page", lambda: corpus.page(Filters(after=after)), engine.pid)


def timed(name: str, work: Callable[[], object], pid: int) -> None:
    """Run it, then three times again."""
    took = []
    for _ in range(4):
        began, cpu = time.monotonic(), cpu_s(pid)
        work()
        took.append((time.monotonic() - began, cpu_s(pid) - cpu))
    again = min(took[1:])
    print(f"{name:16}   {took[0][0]:7.2f}   {again[0]:7.2f}   {again[1]:5.2f}", flush=True)


def cpu_s(pid: int) -> float:
    """CPU seconds of this process and of another."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) * TICK_S


if __name__ == "__main__":
    sys.exit(main())
