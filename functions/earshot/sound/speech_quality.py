"""What can be estimated of a recording without a reference: how much of it is speech, and how good that sounds.

Two neural models, both run by onnxruntime on the CPU, both in the tagger's image: Silero VAD (speech or not, 32 ms at
a time) and Microsoft's DNSMOS P.835 (signal, background, overall; 9 s at a time). Their packages are used for the model
files only: importing them would bring torch or librosa. Estimates by a model are no measurements: they carry its name.
"""

from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from earshot.sound.decoder_output import Facts
from earshot.sound.limits_per_file import Limits
from earshot.sound.speech_rate_mono import Mono, listen

RATE_HZ = 16_000
ASSESSED_S = 600.0  # of a recording's beginning
FRAME, CONTEXT = 512, 64  # samples that Silero VAD judges, and sees before
FRAMES_A_RUN = 512
SPEECH = 0.5  # probability from which a frame counts, Silero's own default
LEAST_SPEECH_S, LEAST_SPEECH_RATIO = 3.0, 0.1  # with less, DNSMOS would judge something else
WINDOW = 144_160  # samples: 9.01 s, which DNSMOS was trained on
SPOKEN_SHARE = 0.8  # of the speech in the window that has the most
MOST_WINDOWS = 10  # a second apart where they are that few, else spread over what is assessed

# From the model's raw scores to MOS, published with it (DNSMOS P.835, 2022): highest power first.
TO_MOS = {
    "dnsmos_sig": (-0.08397278, 1.22083953, 0.0052439),
    "dnsmos_bak": (-0.13166888, 1.60915514, -0.39604546),
    "dnsmos_ovrl": (-0.06766283, 1.11546468, 0.04602535),
}

NAMES = ("speech_ratio", "speech_model", *TO_MOS, "dnsmos_model")


class Model(NamedTuple):
    """A model, and what a row calls it."""

    session: Any
    name: str


def assess(path: Path, *, limits: Limits) -> Facts:
    """Estimate speech and its quality over a recording's first ten minutes.

    Returns:
        `speech_ratio` and `speech_model`, None where the extra is not installed; `dnsmos_sig`, `dnsmos_bak`,
        `dnsmos_ovrl` (about 1 to 5) and `dnsmos_model`, None too where there is too little speech.

    Raises:
        GiveUp: the file cannot be decoded within the limits.
    """
    if _detector() is None:
        return dict.fromkeys(NAMES)
    return assess_samples(listen(path, rate_hz=RATE_HZ, at_most_s=ASSESSED_S, limits=limits).samples)[0]


def assess_samples(samples: Mono) -> tuple[Facts, npt.NDArray[np.bool_]]:
    """The same of samples: one channel at 16 kHz.

    Returns:
        What `assess` returns, and whether each frame of 32 ms is speech; none where the extra is not installed.
    """
    facts: Facts = dict.fromkeys(NAMES)
    detector = _detector()
    if detector is None:
        return facts, np.zeros(0, np.bool_)
    is_speech = speech_probabilities(samples, detector) >= SPEECH
    facts["speech_ratio"] = float(is_speech.mean()) if is_speech.size else 0.0
    facts["speech_model"] = detector.name
    judge = model("speechmos", "dnsmos_p835", "dnsmos_models/sig_bak_ovr.onnx")
    enough = is_speech.sum() * FRAME >= LEAST_SPEECH_S * RATE_HZ and is_speech.mean() >= LEAST_SPEECH_RATIO
    if judge is not None and enough:
        facts |= mean_opinions(samples, judge, is_speech)
        facts["dnsmos_model"] = judge.name
    return facts, is_speech


def _detector() -> Model | None:
    return model("silero_vad", "silero_vad", "data/silero_vad_16k_sequence.onnx")


def speech_probabilities(
    samples: Mono, detector: Model, *, frames_a_run: int = FRAMES_A_RUN
) -> npt.NDArray[np.float32]:
    """Probability of speech in each 32 ms frame; shape (frames,). More frames a run take more memory."""
    if not len(samples):  # of one sample at a higher rate nothing is left at 16 kHz
        return np.zeros(0, np.float32)
    padded = np.pad(samples, (CONTEXT, -len(samples) % FRAME))
    frames = np.lib.stride_tricks.sliding_window_view(padded, CONTEXT + FRAME)[::FRAME]
    hidden = cell = np.zeros((1, 1, 128), np.float32)
    parts = [np.zeros(0, np.float32)]
    for start in range(0, len(frames), frames_a_run):
        inputs = {"input": np.ascontiguousarray(frames[start : start + frames_a_run]), "h": hidden, "c": cell}
        probabilities, hidden, cell = detector.session.run(["speech_probs", "hn", "cn"], inputs)
        parts.append(probabilities)
    return np.concatenate(parts)


def mean_opinions(samples: Mono, judge: Model, is_speech: npt.NDArray[np.bool_] | None = None) -> Facts:
    """DNSMOS P.835, averaged over windows; what is shorter than one is repeated to fill it, as the authors do.

    Args:
        samples: one channel at 16 kHz.
        judge: the model.
        is_speech: of each frame of 32 ms; windows with clearly less speech than the best are left out. None: all count.
    """
    repeats = 1
    while len(samples) < WINDOW:
        samples, repeats = np.concatenate([samples, samples]), 2 * repeats
    last = max(int(len(samples) // RATE_HZ - WINDOW / RATE_HZ), 0)  # whole seconds only, as the authors count
    candidates = np.arange(last + 1)
    if is_speech is not None and repeats == 1:
        until = np.concatenate([[0], np.cumsum(is_speech)])
        first = np.minimum(candidates * RATE_HZ // FRAME, len(is_speech))
        spoken = until[np.minimum(first + WINDOW // FRAME, len(is_speech))] - until[first]
        candidates = candidates[spoken >= SPOKEN_SHARE * spoken.max()]
    chosen = np.linspace(0, len(candidates) - 1, min(len(candidates), MOST_WINDOWS)).round().astype(int)
    starts = candidates[np.unique(chosen)] * RATE_HZ
    scores = np.zeros(len(TO_MOS))
    for start in starts.tolist():
        window = np.clip(samples[start : start + WINDOW], -1, 1)[np.newaxis]
        raw = judge.session.run(None, {"input_1": window})[0][0]
        scores += [np.polyval(powers, value) for powers, value in zip(TO_MOS.values(), raw, strict=True)]
    return dict(zip(TO_MOS, (scores / len(starts)).tolist(), strict=True))


@lru_cache(maxsize=4)
def model(package: str, name: str, file: str) -> Model | None:
    """A model out of a package that need not be importable; None where it, or onnxruntime, is not installed."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations or find_spec("onnxruntime") is None:
        return None
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it keeps 80 MB of DNSMOS' nine seconds; without it a window takes 40 ms more
    path = Path(found.submodule_search_locations[0], file)
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return Model(session, f"{name} {version(package)}")
