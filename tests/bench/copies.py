"""How often copies by another codec, level or cut are found, and different recordings joined. `make bench-copies`.

    python tests/bench/copies.py [FOLDER…]

Eight pieces of a minute and more are encoded in nine ways, five of them lossy codecs, by the system's ffmpeg. Their
fingerprints and those of 150 recordings of different names and samples go into a table of the embedded engine, and the
view `duplicate_groups` is asked which belong together. Pairs of different recordings that it joins are printed, to be
listened to: packages do hold one sound twice. Then the same is asked of the first seconds of the recordings, each with
much silence behind them, and of silence, tones and hum. Without folders, those of
Debian's music and prompts in `FOLDERS`.
"""

import os
import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from earshot.adapters import google_clients
from earshot.errors import GiveUp
from earshot.local import resources
from earshot.local.processes import Processes, free_ports
from earshot.sound.decode import opened
from earshot.sound.decoder_output import Facts, mono
from earshot.sound.limits_per_file import Limits
from earshot.sound.pcm_hash_and_fingerprint import Fingerprint, Identity
from earshot.sound.rms_and_peak import Level

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.recorded import fill, recording

FOLDERS = ("/usr/share/games", "/usr/share/asterisk/sounds")
SUFFIXES = (".ogg", ".mp3", ".flac", ".wav")
RECORDINGS, PIECES = 150, 8  # 150 make 11,175 pairs
LEAST_S, PIECE_S = 6.0, 60.0
ENCODED_S = 130  # of a piece's beginning: fingerprints cover two minutes
LOSSY = {
    "mp3 320": ("-c:a", "libmp3lame", "-b:a", "320k", "mp3"),
    "mp3 128": ("-c:a", "libmp3lame", "-b:a", "128k", "mp3"),
    "vorbis q6": ("-c:a", "libvorbis", "-q:a", "6", "ogg"),
    "aac 192": ("-c:a", "aac", "-b:a", "192k", "m4a"),
    "opus 128": ("-c:a", "libopus", "-b:a", "128k", "opus"),
}
OTHERS = {
    "48 kHz": ("-ar", "48000", "wav"),
    "-3 dB": ("-af", "volume=-3dB", "flac"),
    "50 ms trimmed": ("-af", "atrim=start=0.05", "flac"),
    "5 s cut at both ends": ("-af", "atrim=start=5,areverse,atrim=start=5,areverse", "flac"),
}
BUCKET = "gs://recordings/audio/"
SILENT = 0.01  # of full scale
PADDED, PADDED_S, SILENCE_S = 60, 4.0, 50.0
RATE_HZ = 44_100  # of what is computed
LIMITS = Limits()


def facts(path: Path) -> tuple[Facts, float] | None:
    """Fingerprint and hash of a file's samples, and its duration in seconds; None without a fingerprint or a sound."""
    try:
        with opened(path, LIMITS) as decoding:
            stated = decoding.stated
            level = Level(stated.channels)
            meters = Fingerprint(stated.sample_rate_hz), Identity(stated.sample_rate_hz, stated.channels), level
            for block in decoding:
                for meter in meters:
                    meter.add(block)
            found = meters[0].facts() | meters[1].facts()
            has_sound = level.peak > SILENT and found["fingerprint"]
            return (found, decoding.frames / stated.sample_rate_hz) if has_sound else None
    except GiveUp:
        return None


def originals(folders: list[Path]) -> dict[Path, tuple[Facts, float]]:
    """Recordings drawn from the folders, in turns; of a name or of samples that come twice, one."""
    drawn: dict[Path, tuple[Facts, float]] = {}
    seen: set[object] = set()
    dice = np.random.default_rng(1)
    for number, folder in enumerate(folders, 1):
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
        for path in dice.permutation(np.array(paths, object)):
            if len(drawn) >= RECORDINGS * number // len(folders):
                break
            found = None if path.stem in seen else facts(path)
            if found and found[1] >= LEAST_S and found[0]["pcm_sha256"] not in seen:
                seen |= {path.stem, found[0]["pcm_sha256"]}
                drawn[path] = found
    return drawn


def encoded(path: Path, arguments: tuple[str, ...], folder: Path) -> Facts:
    """Fingerprint and hash of an encoding."""
    out = folder / f"copy.{arguments[-1]}"
    source = ["-t", str(ENCODED_S), "-i", str(path), "-map", "0:a:0"]
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *source, *arguments[:-1], str(out)]
    subprocess.run(command, check=True)
    found = facts(out)
    assert found, f"{path} by {arguments} has no fingerprint"
    return found[0]


def fingerprint(samples: npt.NDArray[np.float32], rate_hz: int) -> Facts:
    """Of samples of one channel."""
    meter = Fingerprint(rate_hz)
    meter.add(samples[:, np.newaxis])
    return meter.facts()


def padded(path: Path) -> Facts:
    """Fingerprint of a recording's first `PADDED_S` and `SILENCE_S` of zeros."""
    with opened(path, LIMITS) as decoding:
        rate_hz = decoding.stated.sample_rate_hz
        begin = np.concatenate([mono(block) for block in decoding])[: round(PADDED_S * rate_hz)]
    return fingerprint(np.concatenate([begin, np.zeros(round(SILENCE_S * rate_hz), np.float32)]), rate_hz)


def steady_sounds() -> list[Facts]:
    """Fingerprints of silence, offsets, tones of one pitch, and hum with noise below and above it."""
    dice = np.random.default_rng(1)
    time_s = np.arange(30 * RATE_HZ) / RATE_HZ
    hum = sum(np.sin(2 * np.pi * 50 * line * time_s) / line for line in range(1, 9))
    sounds = [0 * time_s, 0 * time_s[: 20 * RATE_HZ], 0 * time_s + 0.3, np.round(dice.normal(size=time_s.size)) / 2**15]
    sounds += [level * np.sin(2 * np.pi * 1000 * time_s) for level in (0.5, 0.1)]
    sounds += [0.1 * hum + level * dice.normal(size=time_s.size) for level in np.repeat([0.005, 0.02, 0.05, 0.1], 3)]
    return [fingerprint(sound.astype(np.float32), RATE_HZ) for sound in sounds]


def main() -> None:
    """All figures."""
    drawn = originals([Path(folder) for folder in sys.argv[1:] or FOLDERS])
    pieces = [path for path, (_, seconds) in drawn.items() if seconds >= PIECE_S][:PIECES]
    rows = [recording(f"{number}", **found) for number, (found, _) in enumerate(drawn.values())]
    begins = [recording(f"padded/{number}", **padded(path)) for number, path in enumerate([*drawn][:PADDED])]
    steady = [recording(f"steady/{number}", **found) for number, found in enumerate(steady_sounds())]
    names = {path: str(number) for number, path in enumerate(drawn)}
    with TemporaryDirectory() as home, Processes(Path(home) / "logs") as processes:
        for path in pieces:
            for way, arguments in (LOSSY | OTHERS).items():
                rows.append(recording(f"{names[path]} by {way}", **encoded(path, arguments, Path(home))))
        (port,) = free_ports(1)
        os.environ["BIGQUERY_EMULATOR_HOST"] = host = f"http://127.0.0.1:{port}"
        processes.start("bigquery", "earshot.local.bigquery_emulator", "--port", port).wait(f"{host}/healthz")
        resources.make_tables("bench", "d")
        client = google_clients.bigquery("bench")
        fill(client, "d", "audio_metadata", [*rows, *begins, *steady])
        groups = {
            str(row["gcp_url"]).removeprefix(BUCKET): row["group_id"]
            for row in client.query("SELECT gcp_url, group_id FROM `d.duplicate_groups`").result()
        }
    found = Counter(way for path in pieces for way in LOSSY | OTHERS if _is_with(groups, names[path], way))
    lossy = sum(found[way] for way in LOSSY)
    print(
        f"{lossy} of {len(LOSSY) * len(pieces)} lossy encodings of {len(pieces)} pieces are grouped with their original"
    )
    print(f"{found.total()} of {len(LOSSY | OTHERS) * len(pieces)} with all other copies: {dict(found)}")
    joined = [(a, b) for a, b in combinations(drawn, 2) if groups[names[a]] == groups[names[b]]]
    print(
        f"{len(joined)} of {len(drawn) * (len(drawn) - 1) // 2} pairs of {len(drawn)} different recordings are joined"
    )
    for one, other in joined:
        print(f"  {one} with {other}")
    for made, what in ((begins, f"beginnings with {SILENCE_S:g} s of silence"), (steady, "steady sounds")):
        ids = [groups[str(row["gcp_url"]).removeprefix(BUCKET)] for row in made]
        pairs = sum(one == other for one, other in combinations(ids, 2))
        print(f"{pairs} of {len(ids) * (len(ids) - 1) // 2} pairs of {what} are joined")


def _is_with(groups: dict[str, object], name: str, way: str) -> bool:
    return groups[f"{name} by {way}"] == groups[name]


if __name__ == "__main__":
    main()
