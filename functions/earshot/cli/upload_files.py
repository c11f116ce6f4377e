"""`earshot load`: files of this machine, put on the shelf as if they had arrived from the web."""

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
    """A file that is audio by its first bytes."""

    path: Path
    sha256: str
    extension: str
    content_type: str

    @property
    def name(self) -> str:
        """Of the object, which follows from the bytes: the same file again is the same object."""
        return f"{self.sha256[:32]}{self.extension}"


@explained
def load(
    paths: Annotated[list[Path], typer.Argument(metavar="DIR|FILE…", exists=True, help="Files, and folders of them.")],
    reference: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The clean recording that these are versions of, for PESQ."),
    ] = None,
    patience_s: Patience = 300.0,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Put local files on the shelf, and follow them until each is a row or a refusal.

    A file's name there follows from its bytes, so loading it again changes nothing. What is not audio is named and
    left out. Exits with 1 if nothing is known of a file when the wait is over, or if there was none to load.
    """
    with at(data_dir, cloud) as target:
        urls = put(target, paths, reference)
        say.print(f"{len(urls)} files on the shelf.")
        outcome = Outcome()
        if patience_s:
            outcome = wait_for_objects(target, urls, patience_s)
            say.print(f"{len(urls)} files: {outcome}.")
    if outcome.lost or not urls:
        raise typer.Exit(1)


def put(target: Target, paths: Iterable[Path], reference: Path | None = None) -> list[str]:
    """Upload what is audio among the files; returns the gs:// address of each."""
    compared = _stored(target, _looked_at(reference), "references", None) if reference else None
    files = list(_audio_in(paths))
    with ThreadPoolExecutor(PARALLEL) as pool:
        return sorted(set(pool.map(lambda file: _stored(target, file, "audio", compared), files)))


def _stored(target: Target, file: Local, folder: str, reference: str | None) -> str:
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
    """Give a recording that is there already its reference, and have it measured against it."""
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
                    yield _looked_at(file)
                except GiveUp as error:
                    say.print(f"[yellow]left out:[/] {escape(f'{file}: {error}')}")


def _looked_at(path: Path) -> Local:
    with path.open("rb") as file:
        container = sniff(file.read(HEAD_BYTES))
        file.seek(0)
        digest = file_digest(file, "sha256").hexdigest()
    return Local(path, digest, container.extension, container.content_type)
