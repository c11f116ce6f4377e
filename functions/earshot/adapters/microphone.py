"""The sound card, by PortAudio: blocks of samples to a callback that never waits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from earshot.errors import BadRequest

BLOCK_S = 0.05


@contextmanager
def recording(put: Callable[[npt.NDArray[np.float32]], None], device: str | None = None) -> Iterator[int]:
    """Record until the block is left; yields the device's own sample rate in Hz.

    Args:
        put: takes each block, shape (frames, channels), which is valid only while it is called.
        device: name or number of an input; None is the system's default.

    Raises:
        BadRequest: there is no such input, or no PortAudio.
    """
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise BadRequest(
            f"no sound card can be used: {error}. `make extra NAME=listen`, on Debian also `apt install libportaudio2`"
        ) from error
    chosen: Any = int(device) if device and device.isdigit() else device
    try:
        rate_hz = int(sounddevice.query_devices(chosen, "input")["default_samplerate"])
        stream = sounddevice.InputStream(
            samplerate=rate_hz,
            blocksize=round(BLOCK_S * rate_hz),
            device=chosen,
            channels=1,
            dtype="float32",
            callback=lambda block, _frames, _time, _status: put(block),
        )
    except (sounddevice.PortAudioError, ValueError) as error:
        raise BadRequest(f"no sound can be recorded: {error}") from error
    with stream:
        yield rate_hz
