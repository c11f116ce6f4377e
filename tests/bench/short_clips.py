"""CPU time of many short files, and of long music beside its decode, on the real files of a folder.

    python tests/bench/short_clips.py /usr/share/asterisk/sounds /usr/share/games

Short: WAV files of 1 to 5 s, measured one after the other in isolated processes as the analyser does, against the naive
script in one process: pydub's duration and level, pyloudnorm's loudness. Long: music of a minute and more, everything
against its decode alone.
"""

import os
import sys
import time
import wave
from pathlib import Path

from earshot.sound.decode import opened
from earshot.sound.isolated_process import IsolatedProcess
from earshot.sound.limits_per_file import Limits
from earshot.sound.measures import measure

CLIPS, PIECES, LEAST_LONG_S = 99, 12, 60.0  # fewer clips than a child serves, so that it still lives to be asked
LIMITS = Limits()


def clips(folder: Path) -> list[Path]:
    """WAV files of 1 to 5 s, evenly spread over the folder."""
    found = []
    for path in sorted(folder.rglob("*.wav")):
        with wave.open(str(path)) as file:
            if 1 <= file.getnframes() / file.getframerate() <= 5:
                found.append(path)
    return found[:: max(len(found) // CLIPS, 1)][:CLIPS]


def cpu_s(pid: int | str = "self") -> float:
    """CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def isolated(paths: list[Path]) -> float:
    """CPU seconds of measuring the files in isolated processes: ours, the server's after its imports, its child's."""
    processes = IsolatedProcess(preload=["earshot.sound.measures"])
    server = processes.start()
    processes.call("earshot.sound.measures:measure", LIMITS, path=paths[0])  # waits for the imports
    (first,) = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    before = cpu_s() + cpu_s(server) + cpu_s(first)
    for path in paths[1:]:
        processes.call("earshot.sound.measures:measure", LIMITS, path=path)
    (child,) = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    after = cpu_s() + cpu_s(server) + cpu_s(child)
    processes.stop()
    return (after - before) * len(paths) / (len(paths) - 1)


def naive(paths: list[Path]) -> float:
    """CPU seconds of the naive script, its imports done."""
    import pyloudnorm
    import soundfile
    from pydub import AudioSegment

    before = time.process_time()
    for path in paths:
        segment = AudioSegment.from_file(path)
        samples, rate_hz = soundfile.read(path)
        _ = len(segment), segment.dBFS, pyloudnorm.Meter(rate_hz).integrated_loudness(samples)
    return time.process_time() - before


def decode_s(path: Path) -> tuple[float, float]:
    """Duration of a file, and the CPU seconds that decoding it takes."""
    before = time.process_time()
    with opened(path, LIMITS) as decoding:
        for _ in decoding:
            pass
        duration_s = decoding.frames / decoding.stated.sample_rate_hz
    return duration_s, time.process_time() - before


def main() -> None:
    """Both figures."""
    paths = clips(Path(sys.argv[1]))
    ours = isolated(paths)
    decode = sum(decode_s(path)[1] for path in paths)
    print(f"{len(paths)} clips of 1 to 5 s: ours {1000 * ours / len(paths):.1f} ms each, {ours / decode:.1f} x decode")
    try:
        theirs = naive(paths)
        print(f"  naive {1000 * theirs / len(paths):.1f} ms each; ours is {ours / theirs:.2f} x naive")
    except ImportError as error:
        print(f"  no comparison with the naive script: {error}")
    music = [path for path in sorted(Path(sys.argv[2]).rglob("*")) if path.suffix in (".ogg", ".mp3")]
    total = only = 0.0
    count = 0
    for path in music[:: max(len(music) // 60, 1)]:
        duration_s, decoded_s = decode_s(path)
        if duration_s >= LEAST_LONG_S and count < PIECES:
            before = time.process_time()
            measure(path, limits=LIMITS)
            total, only, count = total + time.process_time() - before, only + decoded_s, count + 1
    if count:
        print(f"{count} pieces of {LEAST_LONG_S:g} s and more: everything takes {total / only:.1f} x decode")


if __name__ == "__main__":
    main()
