"""The script that a user would write for many short files: duration and level by pydub, loudness by pyloudnorm.

    python tests/bench/naive_clips.py FILE…

A line for each file. `short_clips.py` compares the measures with it.
"""

import sys

import pyloudnorm
import soundfile
from pydub import AudioSegment


def measured(path: str) -> dict[str, float]:
    """Duration, level and loudness; minus infinity for silence."""
    segment = AudioSegment.from_file(path)
    samples, rate_hz = soundfile.read(path)
    lufs = float(pyloudnorm.Meter(rate_hz).integrated_loudness(samples))
    return {"duration_ms": len(segment), "loudness": segment.dBFS, "integrated_lufs": lufs}


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print(path, measured(path))
