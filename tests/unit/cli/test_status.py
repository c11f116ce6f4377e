"""`earshot status`: its text, its errors from logs, and the queues from Cloud Monitoring."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from earshot.adapters.subscription_backlogs import of_monitoring
from earshot.cli import app
from earshot.cli.stack_status import last_errors
from earshot.cli.status import as_text


def test_without_a_stack_it_says_so_and_names_the_last_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EARSHOT_TARGET", raising=False)
    (tmp_path / "logs").mkdir()
    lines = [
        {"severity": "INFO", "message": "analysed", "time": "2026-01-01T00:00:00"},
        {
            "severity": "ERROR",
            "message": "comes again",
            "error": "OSError",
            "detail": "disk \x1b[2J full",
            "time": "2026",
        },
    ]
    (tmp_path / "logs" / "analyser.log").write_text("\n".join(map(json.dumps, lines)) + "\nno json\n[1]\n")
    result = CliRunner().invoke(app, ["status", "--data-dir", str(tmp_path)], env={"COLUMNS": "200"})
    assert result.exit_code == 1
    assert "not running" in result.stdout
    assert f"comes again OSError disk \\x1b[2J full ({tmp_path / 'logs' / 'analyser.log'})" in result.stdout
    found = json.loads(CliRunner().invoke(app, ["status", "--json", "--data-dir", str(tmp_path)]).stdout)
    assert (found["running"], found["errors"][0]["message"]) == (False, "comes again OSError disk \x1b[2J full")


def test_the_newest_errors_of_all_logs_are_kept(tmp_path: Path) -> None:
    for name in "ab":
        lines = [{"severity": "ERROR", "message": f"{name}{n}", "time": f"2026-01-0{n}"} for n in range(1, 6)]
        (tmp_path / f"{name}.log").write_text("\n".join(map(json.dumps, lines)))
    assert [error["message"] for error in last_errors(tmp_path)] == ["b3", "a4", "b4", "a5", "b5"]


def test_a_service_without_response_is_marked() -> None:
    found = {
        "running": True,
        "project": None,
        "since": datetime(2026, 1, 2, 3, 4, 5).isoformat(),
        "queued": {"downloader": 3, "analyser": 0},
        "dead_letters": None,
        "rows": None,
        "refusals": {},
        "versions": {"earshot": "0.1.0"},
        "errors": [],
    }
    text = as_text(found, Path("/home/.earshot"))
    assert "running in /home/.earshot since 2026-01-02 03:04:05" in text
    assert "downloader 3, analyser 0" in text
    assert text.count("? (no response)") == 2


class Monitoring:
    """A session that answers as Cloud Monitoring does, and keeps the request."""

    def get(self, url, *, params, timeout):
        self.url, self.params = url, params
        return self

    def raise_for_status(self):
        pass

    def json(self):
        resource = {"type": "pubsub_subscription", "labels": {"subscription_id": "analyser", "project_id": "p"}}
        points = [{"interval": {}, "value": {"int64Value": "12"}}, {"interval": {}, "value": {"int64Value": "9"}}]
        return {"timeSeries": [{"resource": resource, "points": points}]}


def test_queues_of_a_project_are_the_newest_points_of_monitoring() -> None:
    session = Monitoring()
    assert of_monitoring(session, "p") == {"analyser": 12}
    assert session.url == "https://monitoring.googleapis.com/v3/projects/p/timeSeries"
    assert "num_undelivered_messages" in session.params["filter"]
