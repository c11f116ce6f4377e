"""`earshot find`: what a page, feed, playlist or sitemap holds. Nothing is published or stored, and no stack runs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from earshot import settings
from earshot.adapters.polite_web import PoliteWeb
from earshot.audio import AudioFound, now
from earshot.cli.target import explained, say
from earshot.consent import from_evidence
from earshot.errors import BadUrl, EarshotError, GiveUp, Unreadable
from earshot.plurals import counted
from earshot.scraping.document_types import read
from earshot.scraping.extracted_links import Extract
from earshot.scraping.starting_points import read_document
from earshot.urls import canonical, without_credentials

NO_PROJECT = "none"  # of Google Cloud: nothing of it is used
FILE_BASE = "https://example.org/"  # against which links of a file are resolved where none is given


@explained
def find(
    sources: Annotated[
        list[str], typer.Argument(metavar="FILE|URL…", help="Pages, feeds, playlists or sitemaps: files or addresses.")
    ],
    base: Annotated[
        str | None, typer.Option(help="Address that a file comes from: its links are resolved against it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, one line a source.")] = False,
) -> None:
    """Say which recordings a document holds, and what was passed over and why. Publishes and stores nothing.

    Addresses are fetched as the scraper fetches them, robots.txt obeyed. Exits with 1 if a source could not be read.
    """
    failed = False
    web = None
    for source in sources:
        shown = without_credentials(source)
        try:
            if Path(source).is_file():
                url, extract = _from_file(Path(source), base)
            else:
                web = web or PoliteWeb.from_settings(settings.Scraper(project=NO_PROJECT))
                url, extract = _from_web(source, web)
        except EarshotError as error:
            failed = True
            _show_failure(shown, error, as_json=as_json)
            continue
        if as_json:
            typer.echo(json.dumps(_as_json(shown, url, extract), ensure_ascii=False))
        else:
            for line in _lines(shown, url, extract):
                typer.echo(line)
    if failed:
        raise typer.Exit(1)


def _from_file(path: Path, base: str | None) -> tuple[str, Extract]:
    url = canonical(base or FILE_BASE)
    limit = settings.Scraper(project=NO_PROJECT).max_page_bytes
    try:
        return url, read(path.read_bytes(), url=url, at=now(), max_bytes=limit)
    except OSError as error:
        raise Unreadable(f"{path}: {error}") from error


def _from_web(source: str, web: PoliteWeb) -> tuple[str, Extract]:
    if "://" not in source:
        raise BadUrl(f"{without_credentials(source)} is neither a file nor an address")
    scraper = settings.Scraper(project=NO_PROJECT)
    return read_document(canonical(source), web=web, max_bytes=scraper.max_page_bytes, timeout_s=scraper.page_timeout_s)


def _consent(found: AudioFound, extract: Extract) -> list[str]:
    signals = [*from_evidence(found.consent), *extract.signals]
    return [f"{one.signal}: {one.value}{' (denies)' if one.denies else ''}" for one in signals]


def _as_json(source: str, url: str, extract: Extract) -> dict[str, Any]:
    return {
        "source": source,
        "url": url,
        "recordings": [
            found.model_dump(mode="json", exclude_none=True, exclude={"schema_version"})
            | {"audio_id": found.audio_id, "consent": _consent(found, extract)}
            for found in extract.found
        ],
        "passed_over": [{"url": one.url, "reason": one.reason, "detail": one.detail} for one in extract.left_out(url)],
        "pages": len(extract.pages),
        "parts": extract.parts,
    }


def _lines(source: str, url: str, extract: Extract) -> Iterator[str]:
    """One line a recording, one line a link that was passed over."""
    left_out = extract.left_out(url)
    recordings, passed_over = counted(len(extract.found), "recording"), counted(len(left_out), "link")
    yield f"{source}: {recordings}, {passed_over} passed over"
    for found in extract.found:
        facts = [f"found by {found.found_by}", found.link_text and f"“{found.link_text}”", found.license]
        facts += [f"or {one.url}" for one in found.alternatives]
        facts += _consent(found, extract)
        yield f"  {found.source_url}  {'; '.join(fact for fact in facts if fact)}"
    for one in left_out:
        yield f"  passed over: {one.url}  {one.reason}: {one.detail}"


def _show_failure(source: str, error: EarshotError, *, as_json: bool) -> None:
    reason = error.reason if isinstance(error, GiveUp) else "come_again"
    if as_json:
        typer.echo(json.dumps({"source": source, "reason": reason, "detail": str(error)}, ensure_ascii=False))
    else:
        say.print(f"[yellow]not read:[/] {escape(f'{source}: {reason}, {error}')}", soft_wrap=True)
