"""`earshot status`: what is running, queued, stored, refused and failing."""

import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from earshot.cli.row_formats import json_text, printable
from earshot.cli.stack_status import status_of
from earshot.cli.target import Cloud, DataDir, explained, in_cloud
from earshot.local.endpoints import home_folder

MIB = 2**20
CLEAR = "\x1b[H\x1b[2J"


@explained
def status(
    watch: Annotated[bool, typer.Option("--watch", help="Show it again every --every seconds, until Ctrl-C.")] = False,
    every_s: Annotated[float, typer.Option("--every", min=0.2, metavar="SECONDS", help="Interval of --watch.")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, one line each time.")] = False,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """Show what is running, what is queued, what failed, and how much is stored.

    In the cloud the queues come from Cloud Monitoring, a few minutes late, and `make logs` has the errors. Exits with 1
    if the local stack is not running.
    """
    is_cloud = in_cloud(cloud)
    home = home_folder(data_dir)
    while True:
        found = status_of(home, is_cloud)
        if as_json:
            typer.echo(json_text(found))
        else:
            typer.echo((CLEAR if watch and sys.stdout.isatty() else "") + as_text(found, home))
        if not watch:
            break
        time.sleep(every_s)
    if not found["running"]:
        raise typer.Exit(1)


def as_text(found: Mapping[str, Any], home: Path) -> str:
    """The status as lines, a heading before each."""
    lines = [("stack", _stack(found, home))]
    for name, heading in (("queued", "queued"), ("dead_letters", "dead letters"), ("rows", "rows")):
        lines.append((heading, _listed(found[name])))
    lines.append(("refused", _listed(found["refusals"]) if found["refusals"] != {} else "none"))
    if disk := found.get("disk"):
        lines.append(("disk", f"{disk['used_bytes'] / MIB:.1f} MiB used, {disk['free_bytes'] / MIB:.0f} MiB free"))
    lines.append(("versions", _listed(found["versions"])))
    errors = found["errors"]
    for error in errors:
        lines.append(("error", f"{error['time']} {error['message']} ({error['log']})"))
    if not errors:
        lines.append(("errors", "`make logs` shows them" if found["project"] else f"none in {home / 'logs'}"))
    return "\n".join(f"{heading:<12}  {printable(text)}" for heading, text in lines)


def _stack(found: Mapping[str, Any], home: Path) -> str:
    if found["project"]:
        return f"project {found['project']}"
    if not found["running"]:
        return f"not running in {home}; start it with `earshot up`"
    since = datetime.fromisoformat(found["since"])
    return f"running in {home} since {since:%Y-%m-%d %H:%M:%S}"


def _listed(counts: Mapping[str, Any] | None) -> str:
    """`a 1, b 2`; a question mark for a service that does not respond."""
    if counts is None:
        return "? (no response)"
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "-"
