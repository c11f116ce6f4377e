"""The stack as processes: it comes, it goes, it leaves nothing but its state."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from earshot.local.endpoints import AlreadyRunning, Endpoints, described, found
from earshot.local.stack import running
from tests.e2e.commands import earshot, output

PATIENCE_S = 300  # an upper bound, for a machine that does much else; no test measures by it


def started(home: Path, process: "subprocess.Popen[str]") -> Endpoints:
    end = time.monotonic() + PATIENCE_S
    while (endpoints := found(home)) is None:
        assert process.poll() is None, output(process)
        assert time.monotonic() < end
        time.sleep(0.1)
    return endpoints


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False
    return state == "Z"  # ended, not yet waited for


def wait_until_gone(pids: dict[str, int]) -> None:
    end = time.monotonic() + PATIENCE_S
    while left := [name for name, pid in pids.items() if not gone(pid)]:
        assert time.monotonic() < end, left
        time.sleep(0.1)


def test_up_runs_until_it_is_stopped_and_keeps_its_state(tmp_path: Path) -> None:
    up = earshot(tmp_path, "up")
    endpoints = started(tmp_path, up)
    functions = {"scraper", "downloader", "analyser", "tagger", "committer", "listener"}
    assert endpoints.pids.keys() == {"bigquery", "pubsub", "storage"} | functions
    second = earshot(tmp_path, "up")
    assert "another earshot process holds" in output(second)
    assert second.returncode == 1
    insert = "INSERT INTO refusals (gcp_url, shard, reason) VALUES ('gs://b/o', 1, 'kept')"
    assert "1 row changed." in output(earshot(tmp_path, "sql", insert, "--write"))
    up.send_signal(signal.SIGTERM)
    assert endpoints.pubsub in output(up)
    assert up.returncode == 0
    wait_until_gone(endpoints.pids)
    assert not described(tmp_path).exists()
    assert "kept" in output(earshot(tmp_path, "sql", "SELECT reason FROM refusals", "--format", "csv"))


def test_a_stack_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    up = earshot(tmp_path, "up")
    endpoints = started(tmp_path, up)
    up.kill()
    output(up)
    wait_until_gone(endpoints.pids)
    assert found(tmp_path) is None


def test_a_server_that_cannot_start_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("in the way")
    up = earshot(tmp_path, "up")
    printed = output(up)
    assert up.returncode == 1
    assert "storage ended with status 1" in printed
    assert "NotADirectoryError" in printed


def test_one_folder_holds_one_stack(tmp_path: Path) -> None:
    from earshot.local.endpoints import held

    with held(tmp_path), pytest.raises(AlreadyRunning), running(tmp_path):
        pass


def test_a_function_that_dies_ends_the_stack_and_is_named(tmp_path: Path) -> None:
    up = earshot(tmp_path, "up")
    endpoints = started(tmp_path, up)
    os.kill(endpoints.pids["analyser"], signal.SIGKILL)
    assert "analyser ended unexpectedly" in output(up)
    assert up.returncode == 1
    wait_until_gone(endpoints.pids)
