"""Sounds for tests: computed, never stored. Samples have shape (frames, channels), full scale is ±1.0."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import soundfile

Samples = npt.NDArray[np.float64]

# Muxer, encoder, rate where the encoder dictates one: what FFmpeg's own encoders write for the tests.
BY_FFMPEG = {
    "m4a": ("ipod", "aac", None),
    "mp4": ("mp4", "aac", None),
    "mov": ("mov", "pcm_s16be", None),
    "alac": ("ipod", "alac", None),
    "3gp": ("3gp", "aac", None),
    "aac": ("adts", "aac", None),
    "ac3": ("ac3", "ac3", None),
    "mp2": ("mp2", "mp2", None),
    "lame": ("mp3", "libmp3lame", None),
    "opus": ("ogg", "libopus", 48000),
    "webm": ("webm", "libopus", 48000),
    "mka": ("matroska", "flac", None),
    "wma": ("asf", "wmav2", None),
    "amr": ("amr", "libopencore_amrnb", 8000),
    "avi": ("avi", "pcm_s16le", None),
    "flv": ("flv", "aac", None),
    "ts": ("mpegts", "aac", None),
    "mpg": ("mpeg", "mp2", None),
    "wv": ("wv", "wavpack", None),
    "tta": ("tta", "tta", None),
}
BY_LIBSNDFILE = {
    "wav": ("WAV", "PCM_16"),
    "wav24": ("WAV", "PCM_24"),
    "wav32": ("WAV", "PCM_32"),
    "wav8": ("WAV", "PCM_U8"),
    "wavf32": ("WAV", "FLOAT"),
    "wavf64": ("WAV", "DOUBLE"),
    "ulaw": ("WAV", "ULAW"),
    "adpcm": ("WAV", "MS_ADPCM"),
    "w64": ("W64", "PCM_16"),
    "rf64": ("RF64", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "caf": ("CAF", "PCM_16"),
    "nist": ("NIST", "PCM_16"),
    "voc": ("VOC", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "flac24": ("FLAC", "PCM_24"),
    "ogg": ("OGG", "VORBIS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}


def tone(
    hz: float = 1000.0,
    *,
    level_dbfs: float | None = None,
    amplitude: float = 0.5,
    seconds: float = 1.0,
    rate_hz: int = 48000,
    channels: int = 1,
    degrees: float = 0.0,
) -> Samples:
    """A sine. `level_dbfs` is its RMS level, so 0 dBFS peak is -3.01; without one `amplitude` is its peak."""
    peak = amplitude if level_dbfs is None else np.sqrt(2) * 10 ** (level_dbfs / 20)
    moments = np.arange(round(seconds * rate_hz)) / rate_hz
    wave = peak * np.sin(2 * np.pi * hz * moments + np.radians(degrees))
    return np.repeat(wave[:, None], channels, axis=1)


def noise(*, level_dbfs: float = -20.0, seconds: float = 1.0, rate_hz: int = 48000, channels: int = 1) -> Samples:
    """White noise of an RMS level, the same at each call."""
    generator = np.random.default_rng(3)
    return generator.normal(0, 10 ** (level_dbfs / 20), (round(seconds * rate_hz), channels))


def silence(*, seconds: float = 1.0, rate_hz: int = 48000, channels: int = 1) -> Samples:
    """Digital zeros."""
    return np.zeros((round(seconds * rate_hz), channels))


def speech(*, seconds: float = 8.0, rate_hz: int = 16000, voice: int = 1, level_dbfs: float = -24.0) -> Samples:
    """Something with the rhythm and spectrum of speech: syllables of gliding harmonics under three formants, a burst of
    noise before each, a breath after every few. `voice` chooses the speaker and the text."""
    dice = np.random.default_rng(voice)
    wave = np.zeros(round(seconds * rate_hz))
    pitch_hz = dice.uniform(90, 220)
    at = 0.1
    while at < seconds - 0.5:
        for _ in range(dice.integers(3, 8)):
            length_s = dice.uniform(0.1, 0.25)
            if at + length_s > seconds - 0.1:
                break
            moments = np.arange(round(length_s * rate_hz)) / rate_hz
            glide = pitch_hz * dice.uniform(0.85, 1.2) * (1 + dice.uniform(-0.4, 0.4) * moments)
            phase = 2 * np.pi * np.cumsum(glide) / rate_hz
            formants = dice.uniform([250, 800, 2200], [850, 2200, 3200])
            vowel = np.zeros_like(moments)
            for harmonic in range(1, int(min(3800, 0.45 * rate_hz) / pitch_hz)):
                distance = (harmonic * pitch_hz - formants) / np.array([90, 120, 180])
                vowel += np.sum(np.array([1, 0.5, 0.2]) / (1 + distance**2)) * np.sin(harmonic * phase)
            burst = dice.normal(0, 0.15, round(dice.uniform(0.01, 0.06) * rate_hz))
            vowel *= np.hanning(len(vowel)) ** 0.5 * dice.uniform(0.4, 1)
            start = round(at * rate_hz)
            wave[start : start + len(vowel)] += vowel
            wave[start : start + len(burst)] += burst * np.hanning(len(burst))
            at += length_s + dice.uniform(0.03, 0.12)
        at += dice.uniform(0.2, 0.5)
    wave *= 10 ** (level_dbfs / 20) / np.sqrt(np.mean(wave**2))
    return wave[:, None]


def music(*, seconds: float = 8.0, rate_hz: int = 16000, level_dbfs: float = -20.0) -> Samples:
    """Sustained chords, one every two seconds, without a breath between."""
    moments = np.arange(round(seconds * rate_hz)) / rate_hz
    chords = [(220.0, 277.2, 329.6), (246.9, 311.1, 370.0), (196.0, 246.9, 293.7), (220.0, 261.6, 329.6)]
    wave = np.zeros_like(moments)
    for number in range(int(np.ceil(seconds / 2))):
        playing = (moments >= 2 * number) & (moments < 2 * number + 2)
        for hz in chords[number % len(chords)]:
            for harmonic in range(1, 6):
                wave[playing] += np.sin(2 * np.pi * hz * harmonic * moments[playing]) / harmonic
    wave *= 10 ** (level_dbfs / 20) / np.sqrt(np.mean(wave**2))
    return wave[:, None]


def joined(*parts: Samples) -> Samples:
    """One after the other."""
    return np.concatenate(parts)


def steps(*levels_and_seconds: tuple[float, float], rate_hz: int = 48000, channels: int = 2) -> Samples:
    """A 1 kHz sine in steps of (peak level in dBFS, seconds), its phase unbroken: the form of EBU's test signals."""
    gains = [np.full(round(seconds * rate_hz), 10 ** (level / 20)) for level, seconds in levels_and_seconds]
    gain = np.concatenate(gains)
    wave = gain * np.sin(2 * np.pi * 1000 * np.arange(len(gain)) / rate_hz)
    return np.repeat(wave[:, None], channels, axis=1)


def faded(samples: Samples, *, seconds: float = 0.01, rate_hz: int = 48000) -> Samples:
    """The same with linear fades at both ends, since a sudden start has peaks of its own."""
    gain = np.minimum(1, (np.arange(len(samples)) + 1) / (seconds * rate_hz))
    return samples * (gain * gain[::-1])[:, None]


def low_passed(samples: Samples, hz: float, *, rate_hz: int = 48000) -> Samples:
    """The same without anything above a frequency, as a codec or an upsampler leaves it."""
    spectrum = np.fft.rfft(samples, axis=0)
    spectrum[np.fft.rfftfreq(len(samples), 1 / rate_hz) > hz] = 0
    return np.fft.irfft(spectrum, len(samples), axis=0)


def pink(*, level_dbfs: float = -20.0, seconds: float = 1.0, rate_hz: int = 48000, channels: int = 1) -> Samples:
    """Noise whose spectrum falls by 3 dB an octave, by itself."""
    spectrum = np.fft.rfft(noise(seconds=seconds, rate_hz=rate_hz, channels=channels), axis=0)
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))[:, None]
    wave = np.fft.irfft(spectrum, round(seconds * rate_hz), axis=0)
    return wave * 10 ** (level_dbfs / 20) / np.sqrt(np.mean(wave**2))


def encoded(samples: Samples, kind: str = "wav", *, rate_hz: int = 48000, tags: dict[str, str] | None = None) -> bytes:
    """The bytes of a file of these samples; `kind` is a key of `BY_LIBSNDFILE` or `BY_FFMPEG`."""
    if kind in BY_LIBSNDFILE:
        form, subtype = BY_LIBSNDFILE[kind]
        file = BytesIO()
        with soundfile.SoundFile(
            file, "w", samplerate=rate_hz, channels=samples.shape[1], format=form, subtype=subtype
        ) as sound:
            for name, value in (tags or {}).items():
                setattr(sound, name, value)
            for start in range(0, len(samples), 1 << 15):  # libvorbis overflows its stack on one long write
                sound.write(samples[start : start + (1 << 15)])
        return file.getvalue()
    return _by_ffmpeg(samples, kind, rate_hz, tags or {})


def written(path: Path, samples: Samples, kind: str = "wav", *, rate_hz: int = 48000) -> Path:
    """The path, a file of these samples now at it."""
    path.write_bytes(encoded(samples, kind, rate_hz=rate_hz))
    return path


def _by_ffmpeg(samples: Samples, kind: str, rate_hz: int, tags: dict[str, str]) -> bytes:
    muxer, encoder, dictated = BY_FFMPEG[kind]
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[1]]
    options = {"b": "128k"} if encoder == "wmav2" else {}  # this encoder refuses to choose for itself
    file = BytesIO()
    with av.open(file, "w", format=muxer) as container:
        container.metadata.update(tags)
        stream = container.add_stream(encoder, rate=dictated or rate_hz, layout=layout, options=options)
        if encoder in ("wavpack", "tta"):
            stream.format = "s16p" if encoder == "wavpack" else "s16"  # their first choice is 8 bits
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=dictated or rate_hz)
        for frame in frames_of(samples, layout, rate_hz):
            for converted in resampler.resample(frame):
                container.mux(stream.encode(converted))
        for converted in resampler.resample(None):
            container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return file.getvalue()


def frames_of(samples: Samples, layout: str, rate_hz: int) -> Iterator[av.AudioFrame]:
    for start in range(0, len(samples), 1024):
        block = np.ascontiguousarray(samples[start : start + 1024].T, dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
        frame.sample_rate = rate_hz
        frame.pts = start
        yield frame
