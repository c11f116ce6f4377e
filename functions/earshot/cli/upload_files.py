"""`earshot load`: uploads local files to the bucket and waits for their rows."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from earshot.audio import ObjectMetadata
from earshot.cli.crawl import Patience
from earshot.cli.measure_again import gcp_url
from earshot.cli.target import Cloud, DataDir, Target, at, explained, say
from earshot.cli.waiting import Outcome, wait_for_objects
from earshot.errors import GiveUp
from earshot.sound.sniff_container import HEAD_BYTES, sniff

if TYPE_CHECKING:
    from google.cloud.storage import Blob

PARALLEL = 8
UPLOAD_S = 600.0  # one file, at most


@dataclass(frozen=True)
class Local:
    """A file that is audio according to its first bytes."""

    path: Path
    sha256: str
    extension: str
    content_type: str

    @property
    def name(self) -> str:
        """Name of the object, a hash of the bytes: the same file is always the same object."""
        return f"{self.sha256[:32]}{self.extension}"


@explained
def load(
    paths: Annotated[list[Path], typer.Argument(metavar="DIR|FILE…", exists=True, help="Files and folders.")],
    reference: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The clean original of these files, for PESQ."),
    ] = None,
    patience_s: Patience = 300.0,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Upload local files, and wait until each is a row or a refusal.

    The name of the object is a hash of the bytes, so loading a file again changes nothing. Files that are not audio
    are listed and left out. Exits with 1 if a file has neither row nor refusal when the wait is over, or if there was
    no audio.
    """
    with at(data_dir, cloud) as target:
        urls = upload(target, paths, reference)
        say.print(f"{len(urls)} files in the bucket.")
        outcome = Outcome()
        if patience_s:
            outcome = wait_for_objects(target, urls, patience_s)
            say.print(f"{len(urls)} files: {outcome}.")
    if outcome.lost or not urls:
        raise typer.Exit(1)


def upload(target: Target, paths: Iterable[Path], reference: Path | None = None) -> list[str]:
    """Upload the audio files among `paths`; returns their gs:// addresses."""
    compared = _upload(target, _identify(reference), "references", None) if reference else None
    files = list(_audio_in(paths))
    with ThreadPoolExecutor(PARALLEL) as pool:
        return sorted(set(pool.map(lambda file: _upload(target, file, "audio", compared), files)))


def _upload(target: Target, file: Local, folder: str, reference: str | None) -> str:
    from google.api_core.exceptions import PreconditionFailed

    metadata = ObjectMetadata(file_name=file.path.name, content_sha256=file.sha256, reference=reference)
    blob = target.bucket.blob(f"{folder}/{file.name}")
    blob.metadata = metadata.as_metadata()
    try:
        blob.upload_from_filename(
            str(file.path), content_type=file.content_type, if_generation_match=0, timeout=UPLOAD_S
        )
    except PreconditionFailed:
        if reference:
            _compare_with(target, blob, reference)
    return f"gs://{target.bucket.name}/{blob.name}"


def _compare_with(target: Target, blob: "Blob", reference: str) -> None:
    """Add the reference to a recording that is in the bucket already, and have it measured again."""
    blob.reload()
    if (blob.metadata or {}).get("reference") != reference:
        blob.metadata = {**(blob.metadata or {}), "reference": reference}
        blob.patch()
        notifications = target.notifications()
        notifications.publish(gcp_url(blob), int(blob.generation))
        notifications.flush()


def _audio_in(paths: Iterable[Path]) -> Iterator[Local]:
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else [path]
        for file in sorted(inside):
            if file.is_file() and not file.name.startswith("."):
                try:
                    yield _identify(file)
                except GiveUp as error:
                    say.print(f"[yellow]left out:[/] {escape(f'{file}: {error}')}")


def _identify(path: Path) -> Local:
    with path.open("rb") as file:
        container = sniff(file.read(HEAD_BYTES))
        file.seek(0)
        digest = file_digest(file, "sha256").hexdigest()
    return Local(path, digest, container.extension, container.content_type)
