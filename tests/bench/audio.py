"""Speed and memory of the measures against the naive script, in one run on one machine. Run by `make bench-measures`.

Only ratios are to be compared between machines. Each figure is the best of several calls in a fresh process, the first
left out but for "first call".
"""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from naive import HAS_FFMPEG
from sounds import Samples, encoded, joined, music, noise, pink, speech

from earshot.sound.limits_per_file import Limits
from earshot.sound.measure_in_process import ISOLATED, measure_isolated

RATE_HZ = 44_100
KINDS = ("mp3", "ogg", "flac", "wav")
ROUNDS = 3
LENGTHS_S = {"5 s": 5, "60 s": 60, "10 min": 600, "2 h": 7200}


def programme(seconds: int) -> Samples:
    """Speech over quiet chords and noise, then chords over pink noise, in stereo, in turns of 10 s."""
    left = speech(seconds=10, rate_hz=RATE_HZ, level_dbfs=-22) + music(seconds=10, rate_hz=RATE_HZ, level_dbfs=-40)
    right = music(seconds=10, rate_hz=RATE_HZ, level_dbfs=-18) + pink(seconds=10, rate_hz=RATE_HZ, level_dbfs=-26)
    hiss = noise(level_dbfs=-60, seconds=20, rate_hz=RATE_HZ, channels=2)
    turn = joined(left, right) * [1.0, 0.8] + hiss
    return joined(*[turn] * -(-seconds // 20))[: seconds * RATE_HZ]


def cost(job: str, path: Path, repeats: int) -> dict[str, float]:
    """What a job costs in a fresh process."""
    command = [sys.executable, str(Path(__file__).with_name("once.py")), job, str(path), str(repeats)]
    measured: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return measured


def in_turns(path: Path, jobs: tuple[str, ...]) -> list[dict[str, float]]:
    """The least that each job costs, run in turns, so that what else the machine does falls on all alike."""
    costs = [[cost(job, path, 4) for job in jobs] for _ in range(ROUNDS)]
    return [{name: min(round_[job][name] for round_ in costs) for name in costs[0][job]} for job in range(len(jobs))]


def speed(folder: Path) -> None:
    """60 s of stereo in each container: ours against the naive script."""
    print("pydub runs the system's ffmpeg and ffprobe" if HAS_FFMPEG else "pydub runs a wheel's ffmpeg, and no ffprobe")
    print("60 s stereo, CPU ms           naive    ours   ratio   naive with features   everything   ratio   first call")
    for kind in KINDS:
        path = folder / f"60.{kind}"
        path.write_bytes(encoded(programme(60), kind, rate_hz=RATE_HZ))
        naive, ours, naive_all, ours_all = in_turns(path, ("naive level", "level", "naive features", "everything"))
        print(
            f"  {kind:<24} {1000 * naive['cpu_s']:>8.0f} {1000 * ours['cpu_s']:>7.0f}"
            f" {naive['cpu_s'] / ours['cpu_s']:>7.1f} {1000 * naive_all['cpu_s']:>21.0f}"
            f" {1000 * ours_all['cpu_s']:>12.0f} {naive_all['cpu_s'] / ours_all['cpu_s']:>7.1f}"
            f" {ours_all['first_s']:>10.2f} s"
        )


def memory(folder: Path) -> None:
    """Everything, of files of any length: memory over the bare interpreter's, and time."""
    print("stereo mp3, everything        peak MB over the interpreter     CPU s     of its duration")
    turn = encoded(programme(20), "mp3", rate_hz=RATE_HZ)
    for name, seconds in LENGTHS_S.items():
        path = folder / "long.mp3"
        path.write_bytes(
            turn * (seconds // 20) if seconds >= 20 else encoded(programme(seconds), "mp3", rate_hz=RATE_HZ)
        )
        measured = cost("everything", path, 1)
        print(
            f"  {name:<24} {measured['peak_mb']:>31.0f} {measured['cpu_s']:>9.1f}"
            f" {seconds / measured['cpu_s']:>14.0f}-th part"
        )


def parallel(folder: Path) -> None:
    """The same files over one and two worker processes, driven by threads of one process as in the analyser."""
    path = folder / "60.mp3"
    limits = Limits()
    ISOLATED.start()
    measure_isolated(path, limits=limits)
    rates = {}
    for workers in (1, 2):
        start = time.monotonic()
        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(lambda _: measure_isolated(path, limits=limits), range(24)))
        rates[workers] = 24 / (time.monotonic() - start)
    ratio = rates[2] / rates[1]
    print(f"files of 60 s a second        1 worker {rates[1]:.1f}   2 workers {rates[2]:.1f}   ratio {ratio:.2f}")


def main() -> None:
    """All figures."""
    with TemporaryDirectory() as folder:
        speed(Path(folder))
        parallel(Path(folder))
        memory(Path(folder))


if __name__ == "__main__":
    main()
