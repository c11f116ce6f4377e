"""Packs one shard: downloads and recodes its recordings in parallel, and writes them in order to the destination."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from earshot.audio.selected_recording import Column, SelectedRecording
from earshot.errors import GiveUp
from earshot.exporting import lhotse_nemo_manifests, parquet, webdataset_tars
from earshot.exporting.export_request import ExportRequest, Form
from earshot.exporting.plan_database import Placed, Shard
from earshot.exporting.types_and_protocols import AudioStore, Destination, Sample
from earshot.sound.limits_per_file import Limits
from earshot.sound.transcode import counted, transcode

LIMITS = Limits(wall_s=3600.0)  # these files have been measured before; only a broken disk takes so long

ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")  # names are free text: "Mr. Smith on rain" has no extension; .json is taken

Pack = Callable[[Shard, list[Sample], tuple[Column, ...], Path], list[tuple[Path, str]]]
PACKERS: Mapping[Form, Pack] = {
    Form.PARQUET: parquet.with_files,
    Form.HF: parquet.with_bytes,
    Form.WEBDATASET: webdataset_tars.shard,
    Form.LHOTSE: lhotse_nemo_manifests.files,
    Form.NEMO: lhotse_nemo_manifests.files,
}
INSIDE = (Form.HF, Form.WEBDATASET)  # one file per shard, which contains the audio
EXACT = (Form.LHOTSE,)  # its readers check the number of samples stated in the manifest

NO_LONGER_THERE = "no_longer_there"
"""Reason for leaving out: that generation of the object was deleted or replaced."""


@dataclass(frozen=True)
class Packed:
    """A shard that is at the destination."""

    shard: Shard
    samples: list[Sample]
    lost: dict[str, str]
    """Keys left out, with their reasons."""
    files: list[Placed]


def pack(
    shard: Shard,
    todo: Sequence[tuple[str, SelectedRecording]],
    request: ExportRequest,
    columns: tuple[Column, ...],
    *,
    store: AudioStore,
    destination: Destination,
    work: Path,
    workers: int,
    note_names: Callable[[Iterable[str]], None],
    progress: Callable[[int], None] = lambda _more: None,
) -> Packed:
    """Pack a shard: a function of its arguments, wherever it runs.

    Args:
        todo: key and recording of everything in the shard, in the order of keys.
        work: a folder for temporary files; for a local destination on the same file system.
        note_names: called with the names of the files before they are written.

    Raises:
        ComeAgain: the bucket or the destination fails; the shard is packed again next time.
    """
    with TemporaryDirectory(dir=work) as made:
        folder = Path(made)
        get = partial(_fetch, request=request, store=store, split=shard.split, folder=folder)
        samples: list[Sample] = []
        lost: dict[str, str] = {}
        with ThreadPoolExecutor(workers) as pool:
            for (key, _chosen), got in zip(todo, pool.map(get, todo), strict=True):
                if isinstance(got, Sample):
                    samples.append(got)
                else:
                    lost[key] = got
                progress(1)
        written = PACKERS[request.form](shard, samples, columns, folder) if samples else []
        note_names(name for _path, name in written)
        placed = []
        for path, name in written:
            placed.append(Placed.of(path, name))
            destination.put(path, name)
        if request.form in INSIDE:
            samples = [replace(sample, container_file=placed[0].name) for sample in samples]
        return Packed(shard, samples, lost, placed)


def _fetch(
    item: tuple[str, SelectedRecording], request: ExportRequest, store: AudioStore, split: str, folder: Path
) -> Sample | str:
    """Download and recode a recording to a temporary file; returns the reason if that fails."""
    key, chosen = item
    extension = extension_of(chosen.gcp_url)
    path = folder / f"{key}{extension}"
    if not store.fetch(chosen.gcp_url, chosen.generation, path):
        return NO_LONGER_THERE
    try:
        if request.transcode:
            recoded = folder / f"{key}.recoded"
            tags = {
                "title": chosen.title or "",
                "artist": chosen.author or "",
                "copyright": chosen.license or "unknown",
            }
            rate_hz, frames = transcode(
                path, recoded, request.transcode, rate_hz=request.rate_hz, limits=LIMITS, tags=tags
            )
            path.unlink()
            return Sample(key, split, recoded, f".{request.transcode}", rate_hz, 1, frames, chosen)
        if request.form in EXACT or not chosen.sample_rate_hz:
            rate_hz, channels, frames = counted(path, LIMITS)
            return Sample(key, split, path, extension, rate_hz, channels, frames, chosen)
    except GiveUp as error:
        return error.reason
    frames = round(chosen.duration_ms * chosen.sample_rate_hz / 1000)
    return Sample(key, split, path, extension, chosen.sample_rate_hz, chosen.channels, frames, chosen)


def extension_of(name: str) -> str:
    """File name extension with its dot, lower case; empty if the name has none."""
    found = ENDING.search(name)
    return found[0].lower() if found and found[0].lower() != ".json" else ""
