"""What hearing costs: CPU time of an hour, memory at any length, delay of a live decision: `make bench-tags`.

    python tests/bench/tags.py [--minutes 10] [--backend shipped]

The sound is computed: speech-like, chords, noise and pauses in turn, at 44.1 kHz in two channels; times are CPU time of
one thread and are scaled to an hour. Each figure is of a process of its own.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from earshot.local.demo_site.sounds import chord, noise
from earshot.local.demo_site.speech import speech
from earshot.sound.limits_per_file import Limits
from earshot.tagging.choose_model import Choice
from earshot.tagging.onnx_model import ModelRefused

RATE_HZ = 44_100
SETS = {
    "content + loudness_class": ("content", "loudness_class"),
    "and instruments": ("content", "loudness_class", "instruments"),
    "and speech_quality": ("content", "loudness_class", "instruments", "speech_quality"),
}


def write(path: Path, minutes: float) -> None:
    """A file of that length, written in pieces of 20 s."""
    voice = np.repeat(speech(5, 3), 3)[: 5 * RATE_HZ]
    voice = np.pad(voice, (0, 5 * RATE_HZ - len(voice)))
    parts = [voice, chord(5, RATE_HZ, (261.6, 329.6, 392.0)), noise(5, RATE_HZ, 1), np.zeros(5 * RATE_HZ)]
    piece = np.repeat(np.concatenate(parts)[:, None], 2, axis=1).astype(np.float32)
    with soundfile.SoundFile(path, "w", samplerate=RATE_HZ, channels=2, format="FLAC", subtype="PCM_16") as file:
        for _ in range(round(minutes * 3)):
            file.write(piece)


def available(tasks: tuple[str, ...], backend: str) -> list[Choice]:
    """The choices that can be loaded here."""
    kept = []
    for task in tasks:
        choice = Choice(task, backend if task == "content" else "shipped")  # type: ignore[arg-type]
        try:
            if task != "speech_quality":
                choice.load()
            kept.append(choice)
        except ModelRefused as error:
            print(f"{task}: left out, {error}", file=sys.stderr)
    return kept


def once(path: Path, tasks: tuple[str, ...], backend: str) -> dict[str, float]:
    """CPU seconds and the highest memory of tagging a file; runs in a process of its own."""
    from earshot.tagging.tag_recording import tag

    choices = available(tasks, backend)
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with TemporaryDirectory() as folder:
        tag(path, Path(folder), choices, limits=Limits(max_duration_s=86_400, wall_s=86_400))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"cpu_s": time.process_time() - started, "peak_mib": peak / 1024, "idle_mib": before / 1024}


def live(backend: str) -> dict[str, float]:
    """Time of a live decision, and of the first after the import; milliseconds."""
    from earshot.tagging.live import Live

    began = time.perf_counter()
    (choice,) = available(("content",), backend)
    stream = Live("bench", {"content": choice.load()}, RATE_HZ)
    blocks = noise(60, RATE_HZ, 1).astype(np.float32).reshape(-1, RATE_HZ // 20)
    took, first = [], 0.0
    for block in blocks:
        started, cpu = time.perf_counter(), time.process_time()
        if stream.add(block):
            took.append(1000 * (time.process_time() - cpu))
            first = first or 1000 * (started - began) + took[0]
    return {"p50_ms": float(np.percentile(took, 50)), "p95_ms": float(np.percentile(took, 95)), "first_ms": first}


def apart(*arguments: str) -> dict[str, float]:
    """This file in a process of its own."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # as in the process in which the tagger hears
    done = subprocess.run(
        [sys.executable, __file__, *arguments], capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    sys.stderr.write(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--backend", default="shipped")
    parser.add_argument("--once", nargs=2)
    parser.add_argument("--live", action="store_true")
    asked = parser.parse_args()
    if asked.once:
        print(json.dumps(once(Path(asked.once[0]), tuple(asked.once[1].split(",")), asked.backend)))
        return
    if asked.live:
        print(json.dumps(live(asked.backend)))
        return
    with TemporaryDirectory() as folder:
        print(f"backend {asked.backend}, {asked.minutes:g} minutes, scaled to an hour\n")
        print("| tasks | CPU s an hour | memory at its peak |\n|---|---|---|")
        for minutes in (asked.minutes, 3 * asked.minutes):
            path = Path(folder, "sound.flac")
            write(path, minutes)
            for name, tasks in SETS.items():
                if minutes > asked.minutes and name != "and instruments":
                    continue
                found = apart("--once", str(path), ",".join(tasks), "--backend", asked.backend)
                per_hour = found["cpu_s"] * 60 / minutes
                print(f"| {name}, {minutes:g} minutes | {per_hour:.1f} | {found['peak_mib']:.0f} MiB |", flush=True)
    found = apart("--live", "--backend", asked.backend)
    print("\n| live decision, p50 | p95 | first after the start |\n|---|---|---|")
    print(f"| {found['p50_ms']:.1f} ms | {found['p95_ms']:.1f} ms | {found['first_ms']:.0f} ms |")


if __name__ == "__main__":
    main()
