"""CPU time of many short files, and of long music beside its decode, on real files. Run by `make bench-measures`.

    python tests/bench/short_clips.py [PROMPTS MUSIC]

Short: WAV files of 1 to 5 s, one after the other, against the naive script: pydub's duration and level, pyloudnorm's
loudness. First as a user runs them, each a command of its own from its start to its end, `earshot measure` with every
column and its isolated processes. Then what one more clip costs, with all imports done: both run in this process and in
isolated processes, one request a file, as the analyser measures; ours once gives the same columns, once all of them.
Long: music of a minute and more, everything against its decode alone. Where the time of the short ones goes is printed
by family of measures. Without folders, the files of the Debian packages in `PACKAGES` are looked for.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in the isolated process; read when numpy is imported

import random
import subprocess
import sys
import time
import wave
from collections import Counter
from collections.abc import Callable
from math import isfinite
from pathlib import Path

from naive_clips import measured as by_naive_script

from earshot.errors import GiveUp
from earshot.sound.decode import opened
from earshot.sound.decoder_output import Facts
from earshot.sound.isolated_process import IsolatedProcess
from earshot.sound.isolated_server import keep_freed_memory
from earshot.sound.limits_per_file import Limits
from earshot.sound.loudness import Loudness
from earshot.sound.measures import every_meter, measure
from earshot.sound.rms_and_peak import Level

FOLDERS = ("/usr/share/asterisk/sounds", "/usr/share/games")
PACKAGES = "asterisk-core-sounds-en-wav (prompts), wesnoth-1.16-music and colobot-common-sounds (music)"
CLIPS, PIECES, LEAST_LONG_S = 99, 8, 60.0  # fewer clips than a child serves, so that it still lives to be asked
ROUNDS, COMMAND_ROUNDS = 7, 5
Job = Callable[..., Facts]
LIMITS = Limits()


def files(folder: Path, *suffixes: str) -> list[Path]:
    """All files with one of the suffixes, shuffled in the same way each time."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in suffixes)
    random.Random(1).shuffle(found)
    return found


def clips(folder: Path) -> list[Path]:
    """`CLIPS` WAV files of 1 to 5 s."""
    found: list[Path] = []
    for path in files(folder, ".wav"):
        if len(found) == CLIPS:
            break
        try:
            with wave.open(str(path)) as file:
                seconds = file.getnframes() / file.getframerate()
        except (wave.Error, EOFError):
            continue  # not of plain samples
        if 1 <= seconds <= 5:
            found.append(path)
    return found


def cpu_s(pid: int | str = "self") -> float:
    """CPU seconds of a process's first thread."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def naive(path: Path, *, limits: Limits) -> Facts:
    """Duration, level and loudness by the naive script."""
    return {name: value if isfinite(value) else None for name, value in by_naive_script(str(path)).items()}


def same_columns(path: Path, *, limits: Limits) -> Facts:
    """The same by our measures."""
    with opened(path, limits) as decoding:
        stated = decoding.stated
        level, loudness = Level(stated.channels), Loudness(stated.sample_rate_hz, stated.channels, stated.positions)
        for block in decoding:
            level.add(block)
            loudness.add(block)
        return {
            "duration_ms": round(1000 * decoding.frames / stated.sample_rate_hz),
            "loudness": level.facts()["loudness"],
            "integrated_lufs": loudness.facts()["integrated_lufs"],
        }


def decode(path: Path, *, limits: Limits) -> Facts:
    """Open and decode a file."""
    with opened(path, limits) as decoding:
        for _ in decoding:
            pass
    return {}


def here(job: Job, paths: list[Path]) -> float:
    """CPU seconds of a job for each of the files, in this process."""
    before = time.process_time()
    for path in paths:
        job(path, limits=LIMITS)
    return time.process_time() - before


def isolated(job: Job, paths: list[Path]) -> float:
    """CPU seconds of the same in isolated processes: ours, the server's after its imports, its child's."""
    function = f"{'short_clips' if job.__module__ == '__main__' else job.__module__}:{job.__name__}"
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # where the server finds this module
    processes = IsolatedProcess(preload=["short_clips", "earshot.sound.measures:warm_up"])
    server = processes.start()
    processes.call(function, LIMITS, path=paths[0])  # waits for the imports
    (first,) = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    before = cpu_s() + cpu_s(server) + cpu_s(first)
    for path in paths[1:]:
        processes.call(function, LIMITS, path=path)
    (child,) = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    after = cpu_s() + cpu_s(server) + cpu_s(child)
    processes.stop()
    return (after - before) * len(paths) / (len(paths) - 1)


def by_family(paths: list[Path]) -> Counter[str]:
    """CPU seconds of each family of measures, less what reading the clock takes."""
    spent: Counter[str] = Counter()
    for path in paths:
        with opened(path, LIMITS) as decoding:
            blocks = list(decoding)
            for meter in every_meter(decoding):
                before = time.thread_time()
                for block in blocks:
                    meter.add(block)
                meter.facts()
                spent[type(meter).__name__] += time.thread_time() - before
    return spent


def least(*costs: tuple[Callable[[Job, list[Path]], float], Job], of: list[Path]) -> list[float]:
    """The least that each job costs, run in turns, so that what else the machine does falls on all alike."""
    rounds = [[cost(job, of) for cost, job in costs] for _ in range(ROUNDS)]
    return [min(seconds) for seconds in zip(*rounds, strict=True)]


def as_commands(paths: list[Path]) -> None:
    """The naive script and `earshot measure`, both from their start to their end, in turns on one CPU."""
    script = [sys.executable, str(Path(__file__).with_name("naive_clips.py"))]
    ours = [sys.executable, "-m", "earshot", "measure", "--json"]
    cpus = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cpus)})  # so that the time until the end is that of all processes together
    seconds: dict[str, list[float]] = {"script": [], "ours": []}
    for _ in range(COMMAND_ROUNDS):
        for name, command in (("script", script), ("ours", ours)):
            began = time.perf_counter()
            subprocess.run([*command, *map(str, paths)], check=True, capture_output=True)
            seconds[name].append(time.perf_counter() - began)
    os.sched_setaffinity(0, cpus)
    by_script, by_ours = (min(times) for times in seconds.values())
    print(
        f"{len(paths)} clips of 1 to 5 s, the whole command on one CPU: naive script {by_script:.2f} s, earshot measure"
        f" with every column, isolated, {by_ours:.2f} s, {by_ours / by_script:.2f} of naive"
    )


def short(paths: list[Path]) -> None:
    """One more clip against one more of the naive script."""
    jobs = {
        "naive script: duration, dBFS, loudness": naive,
        "ours: the same columns": same_columns,
        "ours: every column": measure,
        "ours: decode alone": decode,
    }
    costs = least(*((cost, job) for job in jobs.values() for cost in (here, isolated)), of=paths)
    each = 1000 / len(paths)
    print(
        "one more of them, CPU ms                         in one process   of naive   in isolated processes   of naive"
    )
    for name, seconds, apart in zip(jobs, costs[::2], costs[1::2], strict=True):
        print(
            f"  {name:<42} {seconds * each:>12.2f} {seconds / costs[0]:>10.2f}"
            f" {apart * each:>23.2f} {apart / costs[0]:>10.2f}"
        )
    print(f"  with the same isolation on both sides, every column takes {costs[5] / costs[1]:.2f} of the naive script")
    families = by_family(paths).most_common()
    print("  of every column: " + ", ".join(f"{name} {spent * each:.2f}" for name, spent in families))


def long(paths: list[Path]) -> None:
    """Music against its decode."""
    whole, only = (
        sum(costs) for costs in zip(*(least((here, measure), (here, decode), of=[path]) for path in paths), strict=True)
    )
    print(f"{len(paths)} pieces of {LEAST_LONG_S:g} s and more: everything takes {whole / only:.2f} x decode")


def pieces(folder: Path) -> list[Path]:
    """`PIECES` files of music."""
    found: list[Path] = []
    for path in files(folder, ".ogg", ".mp3", ".flac"):
        if len(found) == PIECES:
            break
        try:
            with opened(path, LIMITS) as decoding:
                seconds = decoding.stated.duration_s or 0.0
        except GiveUp:
            continue
        if LEAST_LONG_S <= seconds <= 5 * LEAST_LONG_S:
            found.append(path)
    return found


def main() -> None:
    """Both figures."""
    keep_freed_memory()  # as in the isolated process
    folders = [Path(folder) for folder in sys.argv[1:] or FOLDERS]
    prompts, music = clips(folders[0]), pieces(folders[-1])
    if prompts:
        as_commands(prompts)
        short(prompts)
    if music:
        long(music)
    if not (prompts and music):
        missing = "short WAV files" if not prompts else "music"
        print(f"no {missing} under {', '.join(map(str, folders))}: install Debian's {PACKAGES}, or give FOLDERS")


if __name__ == "__main__":
    main()
