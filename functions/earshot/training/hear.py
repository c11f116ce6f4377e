"""Run an ONNX model over recordings as the tagger does: causal windows, zeros before the start."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

Floats = npt.NDArray[np.float32]

_AT_ONCE = 256  # windows a call
AUDIBLE_DB = 30.0  # under the recording's loud parts; quieter hops count as pauses
LEAST_DBFS = -50.0


class Model:
    """An ONNX model with input `samples` (batch, window) and output `probabilities` (batch, labels)."""

    def __init__(self, path: Path, window_samples: int, hop_samples: int) -> None:
        """Load it; two threads."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._window, self._hop = window_samples, hop_samples

    def scores(self, wave: Floats) -> Floats:
        """Probabilities of each whole hop of the wave, shape (hops, labels)."""
        windows = causal_windows(wave, self._window, self._hop)
        parts = [
            self._session.run(None, {"samples": np.ascontiguousarray(windows[at : at + _AT_ONCE])})[0]
            for at in range(0, len(windows), _AT_ONCE)
        ]
        return (
            np.concatenate(parts) if parts else np.zeros((0, self._session.get_outputs()[0].shape[1] or 0), np.float32)
        )


def causal_windows(wave: Floats, window: int, hop: int) -> Floats:
    """A view of shape (hops, window): each window ends where its hop ends."""
    hops = len(wave) // hop
    if not hops:
        return np.zeros((0, window), np.float32)
    padded = np.concatenate([np.zeros(window - hop, np.float32), wave[: hops * hop]])
    return np.lib.stride_tricks.sliding_window_view(padded, window)[::hop][:hops]


def audible(wave: Floats, hop: int) -> npt.NDArray[np.bool_]:
    """Which hops are no pause: within 30 dB of the recording's 95th percentile and above -50 dBFS."""
    hops = len(wave) // hop
    energy = np.square(wave[: hops * hop], dtype=np.float64).reshape(hops, hop).mean(axis=1)
    level = 10 * np.log10(np.maximum(energy, 1e-12))
    kept: npt.NDArray[np.bool_] = (level > (np.quantile(level, 0.95) if hops else 0) - AUDIBLE_DB) & (
        level > LEAST_DBFS
    )
    return kept
