"""One job in a fresh process: what it costs. Prints JSON for `audio.py`.

python tests/bench/once.py JOB FILE REPEATS
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path


def job(name: str) -> Callable[[Path], object]:
    """The work to be timed, its imports done."""
    if name.startswith("naive"):
        import naive

        return naive.level if name == "naive level" else naive.features
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy: as in the analyser's workers
    import numpy as np

    from earshot.sound.decode import opened
    from earshot.sound.isolated_server import keep_freed_memory
    from earshot.sound.limits_per_file import Limits
    from earshot.sound.measures import measure
    from earshot.sound.rms_and_peak import decibels

    keep_freed_memory()

    limits = Limits(max_duration_s=86_400, wall_s=3600)

    def level_only(path: Path) -> object:
        with opened(path, limits) as decoding:
            squares = sum(float(np.vdot(block.T, block.T)) for block in decoding)
            samples = decoding.frames * decoding.stated.channels
            return decoding.frames / decoding.stated.sample_rate_hz, decibels(squares / samples, factor=10)

    return level_only if name == "level" else lambda path: measure(path, limits=limits)


def cpu_s() -> float:
    """CPU seconds of this process and the children it waited for: pydub's ffmpeg is one."""
    own, processes = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + processes.ru_utime + processes.ru_stime


def peak_mb() -> float:
    """Largest resident memory of this process so far; `ru_maxrss` would begin with that of the process before exec."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """Run the job, and tell."""
    name, file, repeats = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    bare_mb = peak_mb()
    work = job(name)
    times, walls = [], []
    for _ in range(repeats):
        before, start = cpu_s(), time.monotonic()
        work(file)
        times.append(cpu_s() - before)
        walls.append(time.monotonic() - start)
    measured = {
        "first_s": walls[0],
        "cpu_s": min(times[1:] or times),
        "peak_mb": peak_mb() - bare_mb,
    }
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
