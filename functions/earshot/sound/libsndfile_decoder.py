"""libsndfile: plain samples in, blocks out; short Ogg Vorbis and free-format MP3 as well."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from earshot.errors import Undecodable
from earshot.sound import wav_header
from earshot.sound.containers import Container
from earshot.sound.decoder_output import BLOCK_FRAMES, Block, Stated
from earshot.sound.file_range import FileRange
from earshot.sound.ogg_links import Link

_CODECS = {"FLOAT": "pcm_f32", "DOUBLE": "pcm_f64", "ULAW": "pcm_mulaw", "ALAW": "pcm_alaw"}  # as FFmpeg names them
_LOSSY = {"VORBIS": "vorbis", "MPEG_LAYER_III": "mp3"}
_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64}
_POSITIONS = {1: ("FC",), 2: ("FL", "FR")}  # of Vorbis; Vorbis I specification, 4.3.9
_BIG_ENDIAN = ("aiff", "au", "caf", "nist")


class SndfileRecording:
    """A file that libsndfile reads."""

    def __init__(self, sound: soundfile.SoundFile, container: Container, path: Path, link: Link | None) -> None:
        """Take over an open file."""
        self._sound = sound
        self._is_lossy = sound.subtype in _LOSSY
        self._frames = 0
        self._audio_bytes = link.audio_bytes if link else path.stat().st_size - container.offset
        header = wav_header.read(path, container.offset)
        self.fault: str | None = None
        self.stated = Stated(
            container=container.name,
            codec=_codec(sound, container),
            sample_rate_hz=sound.samplerate,
            channels=sound.channels,
            bit_depth=_BITS.get(sound.subtype),
            positions=header.positions if header else _POSITIONS.get(sound.channels, ()) if link else (),
            duration_s=header.duration_s if header else sound.frames / sound.samplerate,
            is_duration_exact=header is not None,
            tags=sound.copy_metadata(),
        )

    @property
    def stream_bits(self) -> int:
        """Bits of the samples so far; a companded one (u-law, A-law) has 8. Of a lossy file, once it is read: all."""
        if self._is_lossy:
            return 8 * self._audio_bytes
        return self._frames * self.stated.channels * (self.stated.bit_depth or 8)

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
            self._frames += len(block)
            yield np.asfortranarray(block)
            if len(block) < BLOCK_FRAMES:  # the end; asking again takes as long as a short file
                return

    def close(self) -> None:
        """Close the file."""
        self._sound.close()


def open_file(path: Path, container: Container, link: Link | None = None) -> SndfileRecording:
    """Open a file of plain samples; what is coded (ADPCM, GSM) is left to FFmpeg, which players use.

    Args:
        path: the file.
        container: what it was sniffed as.
        link: of an Ogg file, its one link.

    Raises:
        Undecodable: libsndfile cannot, or the samples are coded.
    """
    try:
        sound = soundfile.SoundFile(FileRange(path, container.offset) if container.offset else path)
    except soundfile.LibsndfileError as error:
        raise Undecodable(f"libsndfile: {re.sub(r'Error opening .*?: ', '', str(error))}") from error
    wanted = _BITS.keys() | _CODECS.keys() | (_LOSSY.keys() if link or container.is_free_format else set())
    if sound.subtype not in wanted:
        sound.close()
        raise Undecodable(f"libsndfile: {sound.subtype} is left to FFmpeg")
    return SndfileRecording(sound, container, path, link)


def _codec(sound: soundfile.SoundFile, container: Container) -> str:
    subtype: str = sound.subtype
    if subtype in ("PCM_S8", "PCM_U8"):
        return subtype.lower()
    if subtype not in _BITS:
        return (_CODECS | _LOSSY)[subtype]
    is_big = sound.endian == "BIG" or (sound.endian == "FILE" and container.name in _BIG_ENDIAN)
    name = _CODECS.get(subtype, subtype.lower().replace("pcm_", "pcm_s"))
    return f"{name}{'be' if is_big else 'le'}"
