"""Exports or computes features in each of the three modes, where Beam is installed, and prints what came of it as JSON.

python -m tests.run_by_beam export|resumed|timed FOLDER REQUEST-AS-JSON KEPT-OBJECTS-AS-JSON
python -m tests.run_by_beam features FOLDER BUCKET KEPT-OBJECTS-AS-JSON
"""

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from earshot.adapters import google_clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.export_destination import Buckets, Folder
from earshot.audio.selected_recording import Column, SelectedRecording
from earshot.errors import ComeAgain
from earshot.exporting.export import export
from earshot.exporting.export_request import ExportRequest
from earshot.operating.frame_features import featurise
from earshot.pipelines.export import packing_by
from earshot.pipelines.features import featurise_by
from earshot.pipelines.runner import Runner, RunnerOptions
from earshot.pipelines.working_folder import WorkingFolder
from earshot.sound.limits_per_file import Limits
from earshot.sound.measure_in_process import write_features_isolated

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
MODES = {"process": None, "one": 1, "two": 2}
"""By name: the number of worker processes of the runner `direct`; None without Beam."""


@dataclass
class Rows:
    """What every query selects."""

    kept: list[list]
    columns: tuple[Column, ...] = (Column("gcp_url", "STRING"), Column("loudness", "FLOAT"))
    snapshot: datetime = MOMENT

    def select(self, sql, limit):
        return self

    def rows(self, sql):
        return [{"gcp_url": url, "audio_id": audio_id_of(url)} for url, *_ in self.kept]

    def recordings(self):
        for url, generation, size in self.kept:
            yield SelectedRecording(
                *(url, audio_id_of(url), generation, size, 100, 8000, 1, f"samples of {url}"),
                row={"gcp_url": url, "loudness": -20.0},
            )

    def withdrawn(self):
        return []


def audio_id_of(url):
    return sha256(url.encode()).hexdigest()[:32]


def options(processes):
    return RunnerOptions(Runner.DIRECT, project="tests", processes=processes)


def exported(folder, request, kept, modes=MODES):
    reports = {}
    for mode, processes in modes.items():
        to = folder / mode
        state = to / ".earshot-export"
        report = export(
            ExportRequest(**request),
            catalogue=Rows(kept),
            store=Buckets(google_clients.storage("tests")),
            destination=Folder(to),
            state=state,
            now=lambda: MOMENT,
            packing=processes
            and packing_by(options(processes), destination=str(to), temp=str(state / "pipeline"), threads=2),
        )
        reports[mode] = asdict(report)
    return reports


def resumed(folder, request, kept):
    """An export that fails at a shard, and goes on once the fault is mended."""
    to = folder / "one"
    obstacle = to / "train-00001.tar" / "in the way"
    obstacle.mkdir(parents=True)
    given = {
        "catalogue": Rows(kept),
        "store": Buckets(google_clients.storage("tests")),
        "destination": Folder(to),
        "state": to / ".earshot-export",
        "now": lambda: MOMENT,
        "packing": packing_by(options(1), destination=str(to), temp=str(to / ".earshot-export/pipeline"), threads=1),
    }
    try:
        export(ExportRequest(**request), force=True, **given)
        failure = ""
    except ComeAgain as error:
        failure = str(error)
    obstacle.rmdir()
    obstacle.parent.rmdir()
    written = {path.name: path.stat().st_mtime_ns for path in to.glob("*.tar")}
    report = export(ExportRequest(**request), **given)
    as_written = [name for name, moment in written.items() if (to / name).stat().st_mtime_ns == moment]
    return {"failure": failure, "resumed": report.resumed, "written": sorted(written), "kept": sorted(as_written)}


def timed(folder, request, kept):
    """Seconds, and seconds of CPU time, of an export in each mode."""
    taken = {}
    for mode in MODES:
        started, before = time.monotonic(), os.times()
        exported(folder, request, kept, modes={mode: MODES[mode]})
        after = os.times()
        taken[mode] = {"s": time.monotonic() - started, "cpu_s": sum(after[:4]) - sum(before[:4])}
    return taken


def featurised(folder, name, kept):
    bucket = google_clients.storage("tests").bucket(name)
    store, made = Bucket(bucket), {}
    for mode, processes in MODES.items():
        if processes:
            working = WorkingFolder(str(folder / mode), "tests")
            report = featurise_by(options(processes), Rows(kept).rows(""), bucket=name, working=working, frame_ms=200)
        else:
            report = featurise(Rows(kept), store, "TRUE", write=write, frame_ms=200)
        blobs = list(bucket.list_blobs(prefix="features/"))
        made[mode] = asdict(report) | {"objects": {blob.name: blob.md5_hash for blob in blobs}}
        for blob in blobs:
            blob.delete()
    return made


def write(path, out, *, frame_ms):
    return write_features_isolated(path, out, frame_ms=frame_ms, limits=Limits())


if __name__ == "__main__":
    what, folder, given, kept = sys.argv[1:]
    if what in ("export", "resumed", "timed"):
        run = {"export": exported, "resumed": resumed, "timed": timed}[what]
        answer = run(Path(folder), json.loads(given), json.loads(kept))
    else:
        answer = featurised(Path(folder), given, json.loads(kept))
    print("\n" + json.dumps(answer))
