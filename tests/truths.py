"""Known signals and what must be measured of them: the tests hold each, and `docs/measures.md` lists them.

Run as a script, it writes that list anew.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sounds import (
    Samples,
    faded,
    joined,
    low_passed,
    noise,
    pink,
    silence,
    steps,
    tone,
    written,
)

from earshot.sound.decoder_output import Facts
from earshot.sound.limits_per_file import Limits
from earshot.sound.measures import measure

DOCUMENT = Path(__file__).parents[1] / "docs" / "measures.md"
BEGIN, END = "<!-- truths: written by `make measures` -->", "<!-- end of truths -->"

Value = float | int | bool | str | None


@dataclass(frozen=True)
class Truth:
    """A signal, a column, and the value that theory or a standard demands."""

    signal: str
    sound: Callable[[], Samples]
    column: str
    expected: Value
    above: float = 0.0
    """How far the value may lie above what is expected,"""
    below: float | None = None
    """and below it; None where that is as far."""
    source: str = ""
    rate_hz: int = 48000
    kind: str = "wavf32"

    @property
    def name(self) -> str:
        """What a test is called by."""
        return f"{self.column}: {self.signal}"

    def holds(self, got: object) -> bool:
        """Whether a value is near enough."""
        if isinstance(self.expected, bool | str) or self.expected is None:
            return got == self.expected
        below = self.above if self.below is None else self.below
        return isinstance(got, int | float) and -below <= got - self.expected <= self.above


def surround() -> Samples:
    """Tech 3341, case 6: L, R -28, C -24, Ls, Rs -30 dBFS, as 5.0."""
    levels = (-28, -28, -24, -30, -30)
    return np.concatenate([steps((level, 20), channels=1) for level in levels], axis=1)


def surround_with_lfe() -> Samples:
    """The same as 5.1, with a loud low-frequency channel that must not count."""
    five = surround()
    return np.concatenate([five[:, :3], 4 * five[:, :1], five[:, 3:]], axis=1)


def peak_tone(hz: float, degrees: float, amplitude: float = 0.5) -> Samples:
    """Tech 3341's true-peak signals."""
    return faded(tone(hz, amplitude=amplitude, degrees=degrees))


def one_sided() -> Samples:
    """A 997 Hz sine at full scale on the left, silence on the right."""
    return np.concatenate([tone(997, amplitude=1.0, seconds=5), silence(seconds=5)], axis=1)


def torn() -> Samples:
    """Noise with 20 ms of zeros torn into it, twice; and a pause of 2 s, which is none."""
    sound = noise(seconds=6)
    for start_s, length_s in ((1.0, 0.02), (2.0, 0.02), (3.0, 2.0)):
        sound[round(start_s * 48000) : round((start_s + length_s) * 48000)] = 0
    return sound


def interpolated(times: int) -> Samples:
    """Noise at a part of the sample rate, brought to it by linear interpolation."""
    low = noise(seconds=4 / times)[:, 0]
    return np.interp(np.arange(len(low) * times) / times, np.arange(len(low)), low)[:, np.newaxis]


def clicks() -> Samples:
    """Single samples, whose spectrum has the same phase everywhere."""
    sound = noise(level_dbfs=-90, seconds=4)
    sound[1000::4320] += 0.5
    return sound


def drum() -> Samples:
    """Nothing but deep sound, and faint noise above it."""
    return low_passed(noise(seconds=4), 1000) + noise(level_dbfs=-60, seconds=4)


def hummed(mains_hz: float) -> Samples:
    """Noise at -60 dBFS over lines of -40 dBFS at the mains' first three multiples."""
    lines = sum(tone(mains_hz * n, level_dbfs=-40, seconds=8) for n in (1, 2, 3))
    return lines + noise(level_dbfs=-60, seconds=8)


def vibrato(hz: float, *, harmonics: int = 1, seconds: float = 8) -> Samples:
    """A tone and harmonics that waver by a semitone five times a second, rounded to 16 bits, as synthesisers sing."""
    moments = np.arange(round(seconds * 48000)) / 48000
    phase = 2 * np.pi * hz * moments + 0.06 * hz / 5 * np.sin(2 * np.pi * 5 * moments)
    wave = sum(0.1 / n**1.5 * np.sin(n * phase) for n in range(1, harmonics + 1))
    return np.round(32768 * wave)[:, None] / 32768 + (noise(level_dbfs=-80, seconds=seconds) if harmonics > 1 else 0)


def speech_in_noise(snr_db: float) -> Samples:
    """Half a second of noise at -20 dBFS, half a second of none, in turns, over noise that much lower."""
    bursts = joined(*[part for _ in range(6) for part in (noise(seconds=0.5), silence(seconds=0.5))])
    return bursts + noise(level_dbfs=-20 - snr_db, seconds=6)[::-1]


def twice(left: Samples, gain: float) -> Samples:
    """Stereo of a signal and a multiple of it."""
    return np.concatenate([left, gain * left], axis=1)


def clipped(hz: float, drive: float, gain: float = 1.0) -> Samples:
    """A sine driven over full scale, cut there, then turned down."""
    return gain * np.clip(tone(hz, amplitude=drive, seconds=2), -1, 1)


T41, T42, BS = "EBU Tech 3341", "EBU Tech 3342", "ITU-R BS.1770-5"
LUFS, MAX_S, MAX_M, LRA, DBTP = (
    "integrated_lufs",
    "max_short_term_lufs",
    "max_momentary_lufs",
    "loudness_range_lu",
    "true_peak_dbtp",
)

TRUTHS = [
    *[
        Truth("1 kHz stereo sine, -23 dBFS, 20 s", partial(steps, (-23, 20)), column, -23.0, 0.1, source=f"{T41}, 1")
        for column in (LUFS, MAX_S, MAX_M)
    ],
    *[
        Truth("the same at -33 dBFS", partial(steps, (-33, 20)), column, -33.0, 0.1, source=f"{T41}, 2")
        for column in (LUFS, MAX_S, MAX_M)
    ],
    Truth("-36, -23, -36 dBFS for 10, 60, 10 s", partial(steps, (-36, 10), (-23, 60), (-36, 10)), LUFS, -23.0, 0.1,
          source=f"{T41}, 3"),
    Truth("-72, -36, -23, -36, -72 dBFS for 10, 10, 60, 10, 10 s",
          partial(steps, (-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)), LUFS, -23.0, 0.1, source=f"{T41}, 4"),
    Truth("-26, -20, -26 dBFS for 20, 20.1, 20 s", partial(steps, (-26, 20), (-20, 20.1), (-26, 20)), LUFS, -23.0, 0.1,
          source=f"{T41}, 5"),
    Truth("5.0: L, R -28, C -24, Ls, Rs -30 dBFS", surround, LUFS, -23.0, 0.1, source=f"{T41}, 6"),
    Truth("the same as 5.1 with a loud LFE", surround_with_lfe, LUFS, -23.0, 0.1, source=f"{T41}, 6"),
    Truth("-20 for 1.34 s, -30 dBFS for 1.66 s, five times", partial(steps, *[(-20, 1.34), (-30, 1.66)] * 5), MAX_S,
          -23.0, 0.1, source=f"{T41}, 9"),
    *[
        Truth(f"{late:.2f} s of silence, -23 dBFS for 3 s, 1 s of silence",
              partial(steps, (-200, late), (-23, 3), (-200, 1)), MAX_S, -23.0, 0.1, source=f"{T41}, 10")
        for late in (0.15, 1.05, 2.85)
    ],
    Truth("-20 for 0.18 s, -30 dBFS for 0.22 s, 25 times", partial(steps, *[(-20, 0.18), (-30, 0.22)] * 25), MAX_M,
          -23.0, 0.1, source=f"{T41}, 12"),
    *[
        Truth(f"{late:.2f} s of silence, -23 dBFS for 0.4 s, 1 s of silence",
              partial(steps, (-200, late), (-23, 0.4), (-200, 1)), MAX_M, -23.0, 0.1, source=f"{T41}, 13")
        for late in (0.02, 0.14, 0.38)
    ],
    Truth("fs/4 sine, 0 degrees, amplitude 0.5", partial(peak_tone, 12000, 0), DBTP, -6.0, 0.2, 0.4,
          source=f"{T41}, 15"),
    Truth("fs/4 sine, 45 degrees", partial(peak_tone, 12000, 45), DBTP, -6.0, 0.2, 0.4, source=f"{T41}, 16"),
    Truth("fs/6 sine, 60 degrees", partial(peak_tone, 8000, 60), DBTP, -6.0, 0.2, 0.4, source=f"{T41}, 17"),
    Truth("fs/8 sine, 67.5 degrees", partial(peak_tone, 6000, 67.5), DBTP, -6.0, 0.2, 0.4, source=f"{T41}, 18"),
    Truth("fs/4 sine, 45 degrees, amplitude 1.41", partial(peak_tone, 12000, 45, 1.41), DBTP, 3.0, 0.2, 0.4,
          source=f"{T41}, 19"),
    Truth("-20, -30 dBFS, 20 s each", partial(steps, (-20, 20), (-30, 20)), LRA, 10.0, 1.0, source=f"{T42}, 1"),
    Truth("-20, -15 dBFS, 20 s each", partial(steps, (-20, 20), (-15, 20)), LRA, 5.0, 1.0, source=f"{T42}, 2"),
    Truth("-40, -20 dBFS, 20 s each", partial(steps, (-40, 20), (-20, 20)), LRA, 20.0, 1.0, source=f"{T42}, 3"),
    Truth("-50, -35, -20, -35, -50 dBFS, 20 s each",
          partial(steps, *[(level, 20) for level in (-50, -35, -20, -35, -50)]), LRA, 15.0, 1.0, source=f"{T42}, 4"),
    Truth("997 Hz mono sine at full scale", partial(tone, 997, amplitude=1.0, seconds=5), LUFS, -3.01, 0.02, source=BS),
    Truth("the same on the left only", one_sided, LUFS, -3.01, 0.02, source=BS),
    *[
        Truth(f"1 kHz stereo sine, -23 dBFS, at {rate_hz} Hz", partial(steps, (-23, 20), rate_hz=rate_hz), LUFS, -23.0,
              0.1, source=BS, rate_hz=rate_hz)
        for rate_hz in (8000, 16000, 22050, 32000, 44100, 96000, 192000)
    ],
    Truth("digital silence", silence, "loudness", -120.0),
    Truth("digital silence", silence, "is_silent", True),
    *[
        Truth("4 s of digital silence", partial(silence, seconds=4), column, None)
        for column in (LUFS, LRA, MAX_M, MAX_S, DBTP, "sample_peak_dbfs", "crest_factor_db", "snr_db", "bandwidth_hz")
    ],
    Truth("sine of -20 dBFS RMS", partial(tone, level_dbfs=-20), "loudness", -20.0, 0.01),
    Truth("square wave at full scale", lambda: np.sign(tone(100, degrees=1)), "loudness", 0.0, 0.01),
    Truth("square wave", lambda: np.sign(tone(100, degrees=1)), "crest_factor_db", 0.0, 0.01),
    Truth("sine", tone, "crest_factor_db", 3.01, 0.01),
    Truth("sine of amplitude 0.5", tone, "sample_peak_dbfs", -6.02, 0.01),
    Truth("sine on an offset of 0.1", lambda: tone() + 0.1, "dc_offset", 0.1, 0.001),
    Truth("sine of amplitude 2 cut at full scale", partial(clipped, 441, 2.0), "clipped_ratio", 2 / 3, 0.01),
    Truth("sine of amplitude 2 cut at full scale, 441 Hz, 2 s", partial(clipped, 441, 2.0), "clipped_runs", 1764, 1),
    Truth("sine of amplitude 0.999", partial(tone, 441, amplitude=0.999), "clipped_runs", 0),
    Truth("the cut sine turned down by 6 dB", partial(clipped, 441, 2.0, 0.5), "flat_ratio", 2 / 3, 0.01),
    Truth("the cut sine turned down by 6 dB", partial(clipped, 441, 2.0, 0.5), "clipped_runs", 0),
    Truth("slow sine of 20 Hz, 16 bits", partial(tone, 20, seconds=2), "flat_runs", 0, kind="wav"),
    Truth("1 s of silence, 1 s of noise, 2 s of silence", lambda: joined(silence(), noise(), silence(seconds=2)),
          "silence_ratio", 0.75, 0.005),
    Truth("1 s of silence, 1 s of noise, 2 s of silence", lambda: joined(silence(), noise(), silence(seconds=2)),
          "leading_silence_ms", 1000, 10),
    Truth("1 s of silence, 1 s of noise, 2 s of silence", lambda: joined(silence(), noise(), silence(seconds=2)),
          "trailing_silence_ms", 2000, 10),
    Truth("noise with two holes of 20 ms and a pause of 2 s", torn, "dropouts", 2),
    Truth("noise with two holes of 20 ms and a pause of 2 s", torn, "dropout_ms", 40),
    Truth("noise over noise 10 dB lower, in turns", partial(speech_in_noise, 10), "snr_db", 10.4, 1.5),
    Truth("noise over noise 30 dB lower, in turns", partial(speech_in_noise, 30), "snr_db", 30.0, 1.5),
    *[
        Truth(f"noise over noise {snr:g} dB lower, in turns", partial(speech_in_noise, snr), "rms_snr_db", snr - 3.0,
              1.0)
        for snr in (10, 20, 30, 40)
    ],
    Truth("noise over noise 200 dB lower, in turns", partial(speech_in_noise, 200), "rms_snr_db", 73.0, 3.0),
    Truth("1 s of silence, 1 s of noise, 2 s of silence", lambda: joined(silence(), noise(), silence(seconds=2)),
          "rms_snr_db", -10.0, 0.0),
    Truth("noise with pauses of zeros", torn, "has_digital_silence", True),
    Truth("noise throughout", noise, "has_digital_silence", False),
    Truth("the same noise on both sides", lambda: twice(noise(), 1.0), "is_dual_mono", True),
    Truth("one side 1 dB lower", lambda: twice(noise(), 0.89), "is_dual_mono", False),
    Truth("one side upside down", lambda: twice(noise(), -1.0), "is_inverted", True),
    Truth("the same on an offset of 0.3", lambda: twice(noise(), -1.0) + 0.3, "is_inverted", True),
    Truth("two noises", partial(noise, channels=2), "channel_correlation", 0.0, 0.02),
    Truth("two faint noises on an offset of 0.3", lambda: noise(level_dbfs=-50, channels=2) + 0.3,
          "channel_correlation", 0.0, 0.02),
    Truth("right side zero", one_sided, "dead_channels", 1),
    Truth("right side nothing but an offset", lambda: one_sided() + np.array([0.0, 0.3]), "dead_channels", 1),
    Truth("one channel, nothing but an offset", lambda: silence() + 0.3, "dead_channels", 0),
    Truth("lines of -40 dBFS at 50, 100, 150 Hz in noise", partial(hummed, 50), "hum_hz", 50),
    Truth("lines of -40 dBFS at 50, 100, 150 Hz in noise", partial(hummed, 50), "hum_dbfs", -35.2, 0.5),
    Truth("the same at 60, 120, 180 Hz", partial(hummed, 60), "hum_hz", 60),
    Truth("noise", partial(noise, seconds=8), "hum_hz", None),
    Truth("a steady 100 Hz tone", partial(tone, 100, seconds=8), "hum_hz", None),
    Truth("1 kHz with vibrato, 16 bits", partial(vibrato, 1000), "hum_hz", None),
    Truth("220 Hz and harmonics with vibrato, in noise", partial(vibrato, 220, harmonics=8), "hum_hz", None),
    Truth("white noise without anything above 3 kHz", lambda: low_passed(noise(seconds=4), 3000), "bandwidth_hz", 3000,
          40),
    Truth("white noise", partial(noise, seconds=4), "bandwidth_hz", 24000, 30),
    Truth("white noise without anything above 16 kHz", lambda: low_passed(noise(seconds=4), 16000), "cutoff_hz", 16000,
          200),
    Truth("white noise without anything above 16 kHz", lambda: low_passed(noise(seconds=4), 16000), "fake_rate", True),
    Truth("white noise without anything above 22.5 kHz", lambda: low_passed(noise(seconds=4), 22500), "fake_rate",
          False),
    Truth("noise of 24 kHz brought to 48 kHz by linear interpolation", lambda: interpolated(2), "cutoff_hz", 12000),
    Truth("noise of 24 kHz brought to 48 kHz by linear interpolation", lambda: interpolated(2), "fake_rate", True),
    Truth("noise of 16 kHz, each sample three times", lambda: np.repeat(noise(seconds=1), 3, axis=0), "cutoff_hz",
          8000),
    Truth("a click every 90 ms, in noise", lambda: clicks(), "fake_rate", False),
    Truth("low noise that falls by 40 dB from 0.9 to 1.1 kHz, as a drum's does, in noise", lambda: drum(), "cutoff_hz",
          None),
    Truth("1 kHz sine", partial(tone, seconds=4), "fake_rate", False),
    Truth("1 kHz with vibrato, 16 bits", partial(vibrato, 1000), "fake_rate", False),
    Truth("white noise", partial(noise, seconds=4), "cutoff_hz", None),
    Truth("pink noise", partial(pink, seconds=4), "cutoff_hz", None),
    Truth("infinities and NaN among 48000 samples", lambda: spoilt(), "unusable_samples", 3),
    Truth("infinities and NaN in a -20 dBFS sine", lambda: spoilt(), "loudness", -20.0, 0.01),
]  # fmt: skip


def spoilt() -> Samples:
    """A sine with three samples that are none."""
    sound = tone(level_dbfs=-20)
    sound[100], sound[2000], sound[30000] = np.nan, np.inf, -np.inf
    return sound


_MEASURED: dict[tuple[str, int, str], Facts] = {}  # a signal is measured once, for all its columns


def got(truth: Truth, folder: Path) -> Value:
    """What is measured of the truth's signal, written to a file."""
    key = truth.signal, truth.rate_hz, truth.kind
    if key not in _MEASURED:
        path = written(folder / "truth.wav", truth.sound(), truth.kind, rate_hz=truth.rate_hz)
        _MEASURED[key] = measure(path, limits=Limits())
    return _MEASURED[key][truth.column]


def rows() -> list[str]:
    """The table's rows."""
    lines = ["| column | known signal | expected | allowed | got | source |", "|---|---|---|---|---|---|"]
    with TemporaryDirectory() as folder:
        for truth in TRUTHS:
            measured = got(truth, Path(folder))
            lines.append(
                f"| `{truth.column}` | {truth.signal} | {shown(truth.expected)} | {allowed(truth)} | {shown(measured)} "
                f"| {truth.source or 'definition'} |"
            )
    return lines


def shown(value: Value) -> str:
    """A value for the table."""
    if value is None:
        return "NULL"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def allowed(truth: Truth) -> str:
    """The tolerance for the table."""
    if truth.below is not None:
        return f"+{truth.above:g}/-{truth.below:g}"
    return f"±{truth.above:g}" if truth.above else "exact"


def main() -> None:
    """Write the table into the document."""
    text = DOCUMENT.read_text()
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    DOCUMENT.write_text("\n".join([head + BEGIN, *rows(), END]) + tail)
    sys.stdout.write(f"{len(TRUTHS)} truths written to {DOCUMENT.name}\n")


if __name__ == "__main__":
    main()
