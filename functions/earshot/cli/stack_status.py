"""Collects the status of the local stack or of a project; a service that does not respond gives None, after seconds."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from earshot.adapters import google_clients
from earshot.adapters.subscription_backlogs import of_monitoring, of_stand_in
from earshot.cli.target import Target, at
from earshot.cli.waiting import within
from earshot.local import resources
from earshot.local.endpoints import described, found
from earshot.sound import ANALYSER_VERSION

CALL_S = 15.0  # for each service
TAIL_BYTES = 256 * 1024  # of a log
MOST_ERRORS = 5
ROWS = """
SELECT 'audio_metadata' AS name, COUNT(*) AS n FROM audio_metadata WHERE removed_at IS NULL
UNION ALL SELECT 'removed', COUNT(*) FROM audio_metadata WHERE removed_at IS NOT NULL
UNION ALL SELECT 'refusals', COUNT(*) FROM refusals
UNION ALL SELECT 'analyses', COUNT(*) FROM analyses
"""
REFUSALS = "SELECT reason AS name, COUNT(*) AS n FROM open_refusals GROUP BY reason ORDER BY n DESC, name"
VERSIONS = """
SELECT CONCAT('rows of analyser ', CAST(analyser_version AS STRING)) AS name, COUNT(*) AS n FROM audio_metadata
GROUP BY analyser_version ORDER BY analyser_version
"""

Value = TypeVar("Value")


def status_of(home: Path, is_cloud: bool) -> dict[str, Any]:
    """The status as a JSON object: running, since, project, queued, dead_letters, rows, refusals, disk, errors."""
    stack = None if is_cloud else found(home)
    status: dict[str, Any] = {
        "running": is_cloud or stack is not None,
        "project": None,
        "since": None,
        "queued": {},
        "dead_letters": {},
        "rows": {},
        "refusals": {},
        "versions": {"earshot": version("earshot"), "analyser": ANALYSER_VERSION},
        "errors": [] if is_cloud else last_errors(home / "logs"),
    }
    if not is_cloud and home.exists():
        used = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
        status["disk"] = {"folder": str(home), "used_bytes": used, "free_bytes": shutil.disk_usage(home).free}
    if not status["running"]:
        return status
    if stack:
        status["since"] = datetime.fromtimestamp(described(home).stat().st_mtime, UTC).astimezone().isoformat()
        status["processes"] = stack.pids
    with at(home, is_cloud) as target:
        status["project"] = None if target.is_local else target.settings.project
        sizes = _tried(lambda: _backlogs(target))
        dead = {f"{delivery.topic}-dead": delivery.topic for delivery in resources.DELIVERIES}
        status["queued"] = None if sizes is None else {n: size for n, size in sizes.items() if n not in dead}
        status["dead_letters"] = None if sizes is None else {dead[n]: size for n, size in sizes.items() if n in dead}
        status["rows"] = _tried(lambda: _counts(target, ROWS))
        status["refusals"] = _tried(lambda: _counts(target, REFUSALS))
        status["versions"] |= _tried(lambda: _counts(target, VERSIONS)) or {}
    return status


def last_errors(logs: Path) -> list[dict[str, str]]:
    """The newest log lines of severity ERROR or above, with the path of their log."""
    errors = [error for path in sorted(logs.glob("*.log")) for error in _errors(path)]
    return sorted(errors, key=lambda error: error["time"])[-MOST_ERRORS:]


def _errors(path: Path) -> Iterator[dict[str, str]]:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    for line in lines:
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        if isinstance(fields, dict) and fields.get("severity") in ("ERROR", "CRITICAL"):
            message = " ".join(str(fields[name]) for name in ("message", "error", "detail") if fields.get(name))
            yield {"time": str(fields.get("time", "")), "message": message[:500], "log": str(path)}


def _backlogs(target: Target) -> dict[str, int]:
    if target.is_local:
        names = [delivery.function for delivery in resources.DELIVERIES]
        names += [f"{delivery.topic}-dead" for delivery in resources.DELIVERIES]
        with google_clients.subscriber() as subscriber:
            return of_stand_in(subscriber, target.settings.project, dict.fromkeys(names))
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    credentials, _ = google.auth.default()
    session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    return of_monitoring(session, target.settings.project)


def _counts(target: Target, sql: str) -> dict[str, int]:
    return {str(row["name"]): int(row["n"]) for row in target.query(sql)}


def _tried(call: Callable[[], Value]) -> Value | None:
    try:
        return within(CALL_S, call)
    except Exception:  # noqa: BLE001 - a status says that there is no response, whatever the error
        return None
