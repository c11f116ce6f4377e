"""Archives of public sets: what their publisher says of them, and a download that resumes and is checked."""

import hashlib
import json
import os
import shutil
import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from earshot.errors import BadRequest, ComeAgain

ZENODO = "https://zenodo.org"
KAGGLE = "https://www.kaggle.com"
TIMEOUT_S = 60.0
MOST_TRIES = 6
BLOCK = 1 << 16  # bytes; of a transfer that breaks, less than one is lost
Progress = Callable[[int, int], None]


class ArchiveMoved(BadRequest):
    """The archive is not where it was published."""


class ArchiveChanged(BadRequest):
    """The archive is another than its publisher's description or an earlier download says."""


@dataclass(frozen=True)
class Archive:
    """One file of a set. `size` is 0 and `checksum` empty where the publisher does not say; `checksum` is md5:… ."""

    url: str
    name: str
    size: int
    checksum: str
    page: str


def zenodo_archives(record: str, wanted: tuple[str, ...], page: str, base: str = ZENODO) -> list[Archive]:
    """Files of a Zenodo record with their sizes and checksums.

    Raises:
        ArchiveMoved: no such record, or a file is no longer in it.
        ComeAgain: Zenodo does not answer.
    """
    url = f"{base}/api/records/{quote(record)}"
    answer = _ask("GET", url, page)
    try:
        listed = {str(file["key"]): file for file in answer.json()["files"]}
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveMoved(f"{url} lists no files any more; see {page}") from error
    missing = [name for name in wanted if name not in listed]
    if missing:
        raise ArchiveMoved(
            f"{', '.join(missing)} is no longer in the record; it has {', '.join(sorted(listed))}: {page}"
        )
    return [
        Archive(
            f"{base}/api/records/{quote(record)}/files/{quote(name)}/content",
            name,
            int(listed[name]["size"]),
            str(listed[name].get("checksum", "")),
            page,
        )
        for name in wanted
    ]


def web_archives(urls: tuple[str, ...], page: str) -> list[Archive]:
    """Files by their addresses, with the sizes that their servers say.

    Raises:
        ArchiveMoved: an address answers 404 or with a page.
        ComeAgain: a server does not answer.
    """
    made = []
    for url in urls:
        answer = _ask("HEAD", url, page)
        made.append(
            Archive(url, Path(urlsplit(url).path).name, int(answer.headers.get("Content-Length") or 0), "", page)
        )
    return made


def kaggle_archive(name: str, page: str, base: str = KAGGLE) -> list[Archive]:
    """The one archive of a Kaggle dataset."""
    return [Archive(f"{base}/api/v1/datasets/download/{name}", f"{name.rpartition('/')[2]}.zip", 0, "", page)]


def kaggle_key(path: Path | None = None) -> tuple[str, str]:
    """User name and key of `kaggle.json`: in KAGGLE_CONFIG_DIR, or in ~/.kaggle.

    Raises:
        BadRequest: there is none, it is readable by others, or it is no such file.
    """
    place = path or Path(os.environ.get("KAGGLE_CONFIG_DIR") or Path.home() / ".kaggle") / "kaggle.json"
    if not place.is_file():
        raise BadRequest(f"{place} is missing: on kaggle.com, Settings, API, Create New Token makes it")
    if place.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadRequest(f"{place} can be read by others: chmod 600 {place}")
    try:
        fields = json.loads(place.read_text())
        return str(fields["username"]), str(fields["key"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadRequest(f"{place} has no username and key") from error


def download(archive: Archive, path: Path, progress: Progress, auth: tuple[str, str] | None = None) -> Path:
    """Bring an archive here; a download that broke off goes on where it did, if the file is still the same.

    The SHA-256 of what came is kept beside it, so that a changed archive is noticed where its publisher names no sum.

    Raises:
        ArchiveMoved, ArchiveChanged: with what was expected and what came.
        BadRequest: the disk has too few bytes free, or the key is refused.
        ComeAgain: the server broke off too often.
    """
    noted = path.with_name(f"{path.name}.sha256")
    if path.is_file():
        _check(archive, path, noted)
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(path.parent).free
    if archive.size > free:
        raise BadRequest(f"{archive.name} has {archive.size} bytes, and {path.parent} has {free} bytes free")
    partial = path.with_name(f"{path.name}.part")
    for attempt in range(MOST_TRIES):
        try:
            if _bring(archive, partial, progress, auth):
                break
        except requests.RequestException as error:
            if attempt == MOST_TRIES - 1:
                raise ComeAgain(f"{archive.url}: {error}") from error
            time.sleep(min(2**attempt, 20) * 0.05)
    else:
        raise ComeAgain(f"{archive.url} broke off {MOST_TRIES} times; run the command again to go on")
    try:
        _check(archive, partial, noted)
    except ArchiveChanged:
        partial.unlink()
        raise
    partial.rename(path)
    return path


def _bring(archive: Archive, partial: Path, progress: Progress, auth: tuple[str, str] | None) -> bool:
    """Append what is missing; whether the file is complete now."""
    state = partial.with_name(f"{partial.name}.etag")
    have = partial.stat().st_size if partial.is_file() else 0
    headers: dict[str, str] = {"Accept-Encoding": "identity"}
    tag = state.read_text() if have and state.is_file() else ""
    if have and tag:
        headers |= {"Range": f"bytes={have}-", "If-Range": tag}
    with _ask("GET", archive.url, archive.page, headers, auth) as answer:
        resumed = answer.status_code == requests.codes.partial_content
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            partial.unlink(missing_ok=True)
            return False
        start = have if resumed else 0
        state.write_text(answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")
        length = int(answer.headers.get("Content-Length") or 0)
        total = start + length if length else archive.size
        with partial.open("ab" if resumed else "wb") as file:
            for block in answer.iter_content(BLOCK):
                start += len(block)
                if archive.size and start > archive.size:
                    raise ArchiveChanged(f"{archive.name} is larger than the {archive.size} bytes it should have")
                file.write(block)
                progress(start, total)
    if total and start < total:
        return False
    state.unlink(missing_ok=True)
    return True


def _ask(
    method: str, url: str, page: str, headers: Mapping[str, str] | None = None, auth: Any = None
) -> requests.Response:
    try:
        answer = requests.request(
            method, url, headers=headers, auth=auth, stream=True, timeout=TIMEOUT_S, allow_redirects=True
        )
    except requests.ConnectionError as error:
        if method == "HEAD" or "/api/records/" in url:
            raise ComeAgain(f"{url} cannot be reached: {error}") from error
        raise
    if answer.status_code in (401, 403) and auth:
        raise BadRequest(f"{url} refuses the key: accept the set's terms at {page}, or make a new key")
    if answer.status_code in (404, 410):
        raise ArchiveMoved(f"{url} answers {answer.status_code}: the archive has moved. Its page is {page}")
    if answer.status_code >= 500 or answer.status_code == 429:
        raise requests.ConnectionError(f"{url} answers {answer.status_code}")
    if answer.status_code >= 400 and answer.status_code != 416:
        raise ArchiveMoved(f"{url} answers {answer.status_code}. Its page is {page}")
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        raise ArchiveMoved(f"{url} answers with a page instead of an archive: it has moved. Its page is {page}")
    return answer


def _check(archive: Archive, path: Path, noted: Path) -> None:
    """Size and sums against the publisher's, and against those of an earlier download."""
    size = path.stat().st_size
    if archive.size and size != archive.size:
        raise ArchiveChanged(f"{archive.name} has {size} bytes, its publisher says {archive.size}")
    kind, _, wanted = archive.checksum.partition(":")
    sums = {name: hashlib.new(name, usedforsecurity=False) for name in {"sha256", *([kind] if wanted else [])}}
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            for each in sums.values():
                each.update(block)
    if wanted and sums[kind].hexdigest() != wanted:
        raise ArchiveChanged(f"{archive.name} has the {kind} {sums[kind].hexdigest()}, its publisher says {wanted}")
    found = sums["sha256"].hexdigest()
    if noted.is_file() and noted.read_text().strip() != found:
        raise ArchiveChanged(
            f"{archive.name} has changed since it was first fetched: SHA-256 {found}, then {noted.read_text().strip()};"
            f" delete {noted} to take it as it is now"
        )
    noted.write_text(found + "\n")
