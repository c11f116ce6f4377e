"""How fast the pitch moves: in speech it glides all the time, in music a note keeps it.

Source: P. Boersma, "Accurate short-term analysis of the fundamental frequency", IFA Proceedings 17, 1993 (the
autocorrelation of a windowed frame, over that of the window).
"""

import numpy as np
import numpy.typing as npt

DECIMATED_HZ = 4_000
FRAME, HOP, PADDED = 160, 80, 512  # decimated samples: 40 ms every 20 ms
SHORTEST, LONGEST = 10, 67  # decimated samples: pitch from 400 down to 60 Hz
VOICED = 0.6  # autocorrelation of a frame that has a pitch
LONGEST_STEP = 0.25  # octaves; a larger one is another note, another speaker or a mistake of an octave
LEAST_STEPS = 10
_WINDOW = np.hanning(FRAME)


def pitch_glide(samples: npt.NDArray[np.float32], rate_hz: int, sounds: npt.NDArray[np.bool_]) -> float | None:
    """The median step of the pitch within 20 ms, in octaves.

    Args:
        samples: one channel.
        rate_hz: of the samples, a multiple of 4 kHz.
        sounds: which frames of 20 ms count.

    Returns:
        0.02 and more for most speech, under 0.005 for held notes; None where fewer than ten steps have a pitch.
    """
    step = rate_hz // DECIMATED_HZ
    slow = samples[: len(samples) // step * step].reshape(-1, step).mean(axis=1)
    if len(slow) < FRAME:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(slow, FRAME)[::HOP][: len(sounds)]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * _WINDOW
    own, window = _autocorrelation(frames), _autocorrelation(_WINDOW[np.newaxis])
    likeness = own / np.maximum(own[:, :1], 1e-12) / (window / window[:, :1])
    lags = likeness[:, SHORTEST:LONGEST].argmax(axis=1) + SHORTEST
    before, at, after = (likeness[np.arange(len(lags)), lags + by] for by in (-1, 0, 1))
    bend = before - 2 * at + after
    peak = np.where(bend < -1e-9, 0.5 * (before - after) / np.minimum(bend, -1e-9), 0.0)  # between lags, by a parabola
    octaves = np.log2(lags + np.clip(peak, -1, 1))
    voiced = (at > VOICED) & sounds[: len(lags)]
    steps = np.abs(np.diff(octaves))[voiced[1:] & voiced[:-1]]
    steps = steps[steps < LONGEST_STEP]
    return float(np.median(steps)) if steps.size >= LEAST_STEPS else None


def _autocorrelation(frames: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of each frame, for lags from 0 to the longest; shape (frames, lags)."""
    power = np.square(np.abs(np.fft.rfft(frames, PADDED)))
    lags: npt.NDArray[np.float64] = np.fft.irfft(power)[:, : LONGEST + 1]
    return lags
