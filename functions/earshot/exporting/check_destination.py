"""Decides whether an export may write to a destination: an empty one, or that of the same export."""

import json
from pathlib import Path

from earshot.errors import BadRequest
from earshot.exporting.export_request import ExportRequest
from earshot.exporting.plan_database import Plan
from earshot.exporting.types_and_protocols import Destination

MANIFEST = "manifest.json"
"""Written last, so that it marks a complete export."""


def check_destination(destination: Destination, path: Path, request: ExportRequest) -> None:
    """Refuse a destination that has files of anything else than an export by the same request.

    Raises:
        BadRequest: it has.
    """
    if destination.is_empty():
        return
    if path.exists():
        with Plan.opened(path) as plan:
            if plan.fact("identity") == request.identity:
                return
    try:
        earlier = json.loads(destination.read(MANIFEST) or b"null")
        if earlier and ExportRequest(**earlier["request"]).identity == request.identity:
            return
    except (ValueError, KeyError, TypeError):
        earlier = None
    held = "another export" if earlier or path.exists() else "files that are no export"
    raise BadRequest(f"the destination has {held}: choose an empty one, or replace what is there by --force")
