"""libsndfile: PCM containers in, blocks out."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from earshot.errors import Undecodable
from earshot.sound import riff
from earshot.sound.blocks import BLOCK_FRAMES, Block, Stated
from earshot.sound.containers import Container

_CODECS = {  # libsndfile's subtype -> FFmpeg's name of the codec, which the column `codec` uses throughout
    "FLOAT": "pcm_f32",
    "DOUBLE": "pcm_f64",
    "ULAW": "pcm_mulaw",
    "ALAW": "pcm_alaw",
    "IMA_ADPCM": "adpcm_ima_wav",
    "MS_ADPCM": "adpcm_ms",
    "GSM610": "gsm_ms",
    "G721_32": "adpcm_g726",
    "VOX_ADPCM": "adpcm_vox",
    "NMS_ADPCM_16": "adpcm_nms",
    "NMS_ADPCM_24": "adpcm_nms",
    "NMS_ADPCM_32": "adpcm_nms",
}
_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64}
_BIG_ENDIAN = ("aiff", "au", "caf", "nist")


class SndfileRecording:
    """A file that libsndfile reads."""

    def __init__(self, sound: soundfile.SoundFile, container: Container, path: Path) -> None:
        """Take over an open file."""
        self._sound = sound
        self._size_bytes = path.stat().st_size
        header = riff.read(path)
        self.fault: str | None = None
        self.stated = Stated(
            container=container.name,
            codec=_codec(sound, container),
            sample_rate_hz=sound.samplerate,
            channels=sound.channels,
            bit_depth=_BITS.get(sound.subtype),
            positions=header.positions if header else (),
            duration_s=header.duration_s if header else sound.frames / sound.samplerate,
            tags=sound.copy_metadata(),
        )

    @property
    def stream_bits(self) -> int:
        """Bits of the encoded audio: the file, but for its headers, where the width of a sample is not known."""
        width = self.stated.bit_depth
        return self._sound.tell() * self._sound.channels * width if width else 8 * self._size_bytes

    def blocks(self) -> Iterator[Block]:
        """Decode; an error on the way ends the blocks and is kept in `fault`."""
        while True:
            try:
                block = self._sound.read(BLOCK_FRAMES, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                self.fault = f"libsndfile: {error}"
                return
            if not len(block):
                return
            yield np.asfortranarray(block)

    def close(self) -> None:
        """Close the file."""
        self._sound.close()


def open_file(path: Path, container: Container) -> SndfileRecording:
    """Open a file.

    Raises:
        Undecodable: libsndfile cannot.
    """
    try:
        return SndfileRecording(soundfile.SoundFile(path), container, path)
    except soundfile.LibsndfileError as error:
        raise Undecodable(f"libsndfile: {re.sub(r'Error opening .*?: ', '', str(error))}") from error


def _codec(sound: soundfile.SoundFile, container: Container) -> str:
    subtype: str = sound.subtype
    if subtype in ("PCM_S8", "PCM_U8"):
        return subtype.lower()
    if subtype not in _BITS:
        return _CODECS.get(subtype, subtype.lower())
    is_big = sound.endian == "BIG" or (sound.endian == "FILE" and container.name in _BIG_ENDIAN)
    name = _CODECS.get(subtype, subtype.lower().replace("pcm_", "pcm_s"))
    return f"{name}{'be' if is_big else 'le'}"
