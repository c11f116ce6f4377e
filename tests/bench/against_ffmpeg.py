"""Rate, channels and duration of each file of some folders, ours against the system's ffmpeg. Run by `make eval-audio`.

    python tests/bench/against_ffmpeg.py FOLDER…

Needs the commands ffmpeg and ffprobe. Prints the files on which the two differ, and a tally; 1 where a decoder crashed.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from earshot.errors import GiveUp
from earshot.sound.limits_per_file import Limits
from earshot.sound.measure_in_process import measure_isolated

TOLERANCE_MS = 1
LIMITS = Limits(wall_s=60)
Answer = tuple[int, int, float] | None
"""Sample rate in Hz, channels, duration in ms."""


def by_ffmpeg(path: Path) -> Answer:
    """What the ffmpeg command decodes of a file."""
    shown = ["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "stream=sample_rate,channels"]
    done = subprocess.run([*shown, "-of", "default=nw=1", str(path)], capture_output=True, text=True, check=False)
    stated = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    rate_hz, channels = (int(stated.get(name, "0")) for name in ("sample_rate", "channels"))
    if not rate_hz or not channels:
        return None
    raw = ["-map", "0:a:0", "-f", "f32le", "-ac", str(channels), "-ar", str(rate_hz), "-"]
    command = ["ffmpeg", "-v", "quiet", "-nostdin", "-i", str(path), *raw]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        frames = sum(map(len, iter(lambda: process.stdout.read(1 << 20), b""))) // 4 // channels  # type: ignore[union-attr]
    return (rate_hz, channels, 1000 * frames / rate_hz) if frames else None


def by_earshot(path: Path) -> tuple[Answer, str]:
    """What the analyser measures of a file, and what it reports of its state."""
    try:
        facts = measure_isolated(path, limits=LIMITS)
    except GiveUp as refusal:
        return None, str(refusal)
    sizes = int(str(facts["sample_rate_hz"])), int(str(facts["channels"])), float(str(facts["duration_ms"]))
    return sizes, str(facts["decode_fault"] or "")


def verdict(ours: Answer, theirs: Answer) -> str:
    """How the two answers relate."""
    if ours is None or theirs is None:
        return "both refuse" if ours == theirs else "only earshot" if ours else "only ffmpeg"
    return "agree" if ours[:2] == theirs[:2] and abs(ours[2] - theirs[2]) <= TOLERANCE_MS else "differ"


def main() -> int:
    """Compare all files; 1 where a decoder crashed its process."""
    tally: Counter[str] = Counter()
    for path in sorted(file for folder in sys.argv[1:] for file in Path(folder).rglob("*") if file.is_file()):
        (ours, note), theirs = by_earshot(path), by_ffmpeg(path)
        found = "crash" if "crashed" in note else verdict(ours, theirs)
        tally[found] += 1
        if found not in ("agree", "both refuse"):
            print(f"{found:<12} {path} {ours} {theirs} {note}")
    print(dict(tally))
    return 1 if tally["crash"] else 0


if __name__ == "__main__":
    sys.exit(main())
