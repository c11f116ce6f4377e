"""Files of every kind, damaged at random: each must end in a row or a refusal. Run by `make fuzz`.

    python tests/fuzz.py --seconds 60 --seed 1

What ends otherwise (a fault of ours), or crashes the process that looked at it (a decoder's), is kept under
`.earshot/fuzz/` and named at the end; only the former fails the run.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sounds import BY_FFMPEG, BY_LIBSNDFILE, encoded, noise

from earshot.errors import EarshotError, GiveUp
from earshot.sound.limits_per_file import Limits
from earshot.sound.measure_in_process import measure_isolated

LIMITS = Limits(max_duration_s=600, wall_s=10, memory_bytes=512 << 20)
KEPT = Path(".earshot/fuzz")


def whole_files() -> dict[str, bytes]:
    """A quarter of a second in every container that the tests can write."""
    files = {}
    for kind in sorted(BY_FFMPEG.keys() | BY_LIBSNDFILE.keys()):
        rate_hz, channels = (8000, 1) if kind == "amr" else (16000, 2)
        rate_hz = 32000 if kind in ("ac3", "mpg", "mp2") else rate_hz
        files[kind] = encoded(noise(seconds=0.25, rate_hz=rate_hz, channels=channels), kind, rate_hz=rate_hz)
    return files


def damaged(file: bytes, other: bytes, dice: random.Random) -> bytes:
    """The file after one to four accidents, most of them in its first kilobyte, where the headers are."""
    body = bytearray(file)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(min(len(body), 1024) if dice.random() < 0.7 else len(body)) if body else 0
        match dice.randrange(7):
            case 0:
                body[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                body[at : at + 4] = dice.choice(
                    [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"]
                )
            case 2:
                del body[at:]
            case 3:
                del body[at : at + dice.randint(1, 64)]
            case 4:
                body[at:at] = dice.randbytes(dice.randint(1, 64))
            case 5:
                start = dice.randrange(len(other))
                body[at:at] = other[start : start + dice.randint(1, 512)]
            case 6:
                body[at : at + dice.randint(1, 32)] = dice.randbytes(dice.randint(1, 32))
    return bytes(body)


def accidents(seed: int) -> Iterator[tuple[str, bytes]]:
    """Damaged files without end, the same for a seed."""
    dice = random.Random(seed)
    files = whole_files()
    kinds = list(files)
    while True:
        kind, other = dice.choices(kinds, k=2)
        yield kind, damaged(files[kind], files[other], dice)


def end_of(path: Path) -> str:
    """How a file ends: `row`, the reason of its refusal, `crash` or `fault`."""
    try:
        measure_isolated(path, limits=LIMITS)
    except GiveUp as refusal:
        return "crash" if "crashed" in str(refusal) else refusal.reason
    except EarshotError as fault:
        sys.stderr.write(f"{fault}\n")
        return "fault"
    return "row"


def main() -> int:
    """Damage files for a while; 1 if a fault of ours was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / "now"
    ends: Counter[str] = Counter()
    deadline = time.monotonic() + arguments.seconds
    for number, (kind, body) in enumerate(accidents(arguments.seed)):
        if time.monotonic() > deadline:
            break
        path.write_bytes(body)
        end = end_of(path)
        ends[end] += 1
        if end in ("crash", "fault"):
            path.rename(KEPT / f"{end}-{arguments.seed}-{number}.{kind}")
    path.unlink(missing_ok=True)
    sys.stdout.write(f"{sum(ends.values())} files: {dict(ends.most_common())}; crashes and faults are in {KEPT}\n")
    return 1 if ends["fault"] else 0


if __name__ == "__main__":
    sys.exit(main())
