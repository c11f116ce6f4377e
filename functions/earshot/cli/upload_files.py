"""`earshot load`: uploads local files to the bucket and waits for their rows."""

import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from earshot.audio import ObjectMetadata
from earshot.cli.local_files import LeftOut, Local, find_audio, identify
from earshot.cli.measure_again import gcp_url, submit
from earshot.cli.options import Wait
from earshot.cli.refusals import show_refused
from earshot.cli.target import Cloud, DataDir, Target, at, explain, explained, safe, say
from earshot.cli.waiting import Deadline, Outcome, explain_lost, present_outcome, wait_for_objects
from earshot.errors import BadRequest, EarshotError
from earshot.local.endpoints import home_folder
from earshot.plurals import counted

if TYPE_CHECKING:
    from google.cloud.storage import Blob

PARALLEL = 8
UPLOAD_S = 600.0  # one request of an upload, at most
RETRY_S = 60.0  # for how long an upload that fails is tried again
MARGIN_BYTES = 64 * 1024 * 1024  # of the disk, which the local stack needs for its tables and logs


class DiskFull(EarshotError):
    """The disk of the local stack has no space for the files."""


@dataclass
class Uploaded:
    """Files by gs:// address of their object; those that were in the bucket before; and those that failed."""

    files: dict[str, list[Path]] = field(default_factory=dict)
    existing: set[str] = field(default_factory=set)
    failed: list[LeftOut] = field(default_factory=list)


@explained
def load(
    paths: Annotated[list[Path], typer.Argument(metavar="DIR|FILE…", exists=True, help="Files and folders.")],
    reference: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, metavar="FILE", help="The clean original of these files, for PESQ."),
    ] = None,
    wait_s: Wait = 300.0,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Upload local files, and wait until each is a row or a refusal.

    The name of the object is a hash of the bytes, so loading a file again changes nothing, and an interrupted load is
    repeated. Files that are not audio or cannot be read are listed and left out. Exits with 1 if the upload of a file
    failed, if a file has neither row nor refusal when the wait is over, or if there was no audio.
    """
    deadline = Deadline(wait_s)
    with at(data_dir, cloud) as target:
        files = _chosen(paths)
        if target.is_local:
            check_space(home_folder(data_dir), files)
        done = upload(target, files, reference, home=home_folder(data_dir))
        say.print(f"{counted(len(done.files), 'file')} in the bucket.")
        _heal(target, done.existing)
        outcome = Outcome()
        if wait_s and done.files:
            outcome = wait_for_objects(target, done.files, deadline)
            say.print(f"{counted(len(done.files), 'file')}: {outcome}.")
            show_refused(target, outcome.refusals)
            explain_lost(outcome, deadline)
    if outcome.lost or done.failed or not done.files:
        raise typer.Exit(1)


def upload(
    target: Target, files: Sequence[Local], reference: Path | None = None, *, home: Path | None = None
) -> Uploaded:
    """Upload files in parallel, with a progress bar; each that fails is listed, the others are uploaded all the same.

    Args:
        home: state folder of the local stack, whose disk may run full.

    Raises:
        BadRequest: the reference is not audio.
        DiskFull: the disk of the local stack is full.
    """
    done = Uploaded()
    compared = _upload_reference(target, reference) if reference else None
    unique: dict[str, list[Local]] = {}
    for file in files:
        unique.setdefault(file.name, []).append(file)
    for same in unique.values():
        for copy in same[1:]:
            say.print(f"[yellow]copy:[/] {safe(f'{copy.path} has the same bytes as {same[0].path}')}")
    columns = (TextColumn("uploading"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with (
        Progress(*columns, console=say, transient=True, disable=not say.is_terminal) as progress,
        ThreadPoolExecutor(PARALLEL) as pool,
    ):
        task = progress.add_task("uploading", total=sum(same[0].path.stat().st_size for same in unique.values()))
        waiting = {pool.submit(_upload, target, same[0], "audio", compared, home): same for same in unique.values()}
        for future in as_completed(waiting):
            same = waiting[future]
            try:
                url, existed = future.result()
            except DiskFull as error:
                pool.shutdown(cancel_futures=True)
                left = len(unique) - len(done.files)
                raise DiskFull(f"{error}; {counted(left, 'file')} of {len(unique)} not uploaded") from error
            except Exception as error:  # noqa: BLE001 - listed with its file
                done.failed.append(LeftOut(same[0].path, explain(error) or repr(error)))
                say.print(f"[red]not uploaded:[/] {safe(f'{same[0].path}: {done.failed[-1].reason}')}")
                continue
            done.files[url] = [file.path for file in same]
            done.existing |= {url} if existed else set()
            progress.advance(task, same[0].path.stat().st_size)
    return done


def _chosen(paths: Iterable[Path]) -> list[Local]:
    files = []
    with say.status("reading files"):
        for found in find_audio(paths):
            if isinstance(found, LeftOut):
                say.print(f"[yellow]left out:[/] {safe(f'{found.path}: {found.reason}')}")
            else:
                files.append(found)
    return files


def check_space(home: Path, files: Sequence[Local]) -> None:
    """Refuse files for which the disk of the local stack has no space.

    Raises:
        DiskFull: naming what is free and what is needed.
    """
    needed, free = sum(file.path.stat().st_size for file in files) + MARGIN_BYTES, shutil.disk_usage(home).free
    if free < needed:
        raise DiskFull(
            f"the disk of {home} has {free // 2**20} MiB free, and {counted(len(files), 'file')} with a reserve for the"
            f" tables need {needed // 2**20} MiB: nothing was uploaded"
        )


def _upload_reference(target: Target, path: Path) -> str:
    file = identify(path)
    if isinstance(file, LeftOut):
        raise BadRequest(f"reference {path}: {file.reason}")
    return _upload(target, file, "references", None, None)[0]


def _upload(target: Target, file: Local, folder: str, reference: str | None, home: Path | None) -> tuple[str, bool]:
    """Upload one file; returns its gs:// address and whether it was in the bucket before."""
    from google.api_core.exceptions import PreconditionFailed
    from google.api_core.retry import Retry, if_transient_error
    from google.cloud.storage.retry import DEFAULT_RETRY

    metadata = ObjectMetadata(file_name=file.path.name, content_sha256=file.sha256, reference=reference)
    blob = target.bucket.blob(f"{folder}/{file.name}")
    blob.metadata = metadata.as_metadata()
    predicate = getattr(DEFAULT_RETRY, "_predicate", if_transient_error)
    retry = Retry(predicate=predicate, timeout=RETRY_S, on_error=lambda error: _report_retry(file, error, target, home))
    try:
        blob.upload_from_filename(
            str(file.path), content_type=file.content_type, if_generation_match=0, timeout=UPLOAD_S, retry=retry
        )
    except PreconditionFailed:
        blob.reload()
        known = blob.metadata or {}
        if reference and known.get("reference") != reference:
            _compare_with(target, blob, reference)
        earlier = known.get("file_name")
        if earlier not in (None, file.path.name):
            say.print(f"[yellow]copy:[/] {safe(f'{file.path} has the same bytes as {earlier} in the bucket')}")
        return gcp_url(blob), True
    return gcp_url(blob), False


def _report_retry(file: Local, error: Exception, target: Target, home: Path | None) -> None:
    """Say at once that an upload fails, and give up if the disk is full."""
    if target.is_local and home and shutil.disk_usage(home).free < MARGIN_BYTES // 8:
        raise DiskFull(f"the disk of {home} is full: free some space and repeat the command") from error
    say.print(f"[yellow]uploading {safe(file.path.name)} failed, trying again:[/] {safe(explain(error) or str(error))}")


def _compare_with(target: Target, blob: "Blob", reference: str) -> None:
    """Add the reference to a recording that is in the bucket already, and have it measured again."""
    blob.metadata = {**(blob.metadata or {}), "reference": reference}
    blob.patch()
    submit(target, [blob])


def _heal(target: Target, existing: Iterable[str]) -> None:
    """Publish the notification of objects again that were in the bucket before and have neither row nor refusal."""
    lost = present_outcome(target, existing).lost
    if lost:
        start = f"gs://{target.bucket.name}/"
        blobs = [target.bucket.get_blob(url.removeprefix(start)) for url in sorted(lost)]
        submit(target, [blob for blob in blobs if blob is not None])
        say.print(f"{counted(len(lost), 'file')} of an earlier load had no row: submitted again.")
