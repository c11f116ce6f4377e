"""A function under functions-framework, as its image starts it: on SIGTERM it completes what it has begun."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from earshot.local.processes import free_ports

FUNCTION = """
import time
from pathlib import Path
import functions_framework
from earshot import runtime, settings

runtime.start(settings.FunctionSettings())

@functions_framework.cloud_event
def function(event):
    Path("begun").touch()
    time.sleep(1)
    runtime.log.info("handled", extra={"fields": {"message_id": event["id"]}})
"""


@pytest.fixture
def function(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]", Path]]:
    (tmp_path / "main.py").write_text(FUNCTION)
    (port,) = free_ports(1)
    output = tmp_path / "output.log"
    environment = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1", "GOOGLE_CLOUD_PROJECT": "tests"}
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "functions_framework", "--target", "function"],
            cwd=tmp_path,
            env=environment,
            stdout=out,
        )
    url = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        try:
            requests.get(f"{url}/health", timeout=1).raise_for_status()
            break
        except requests.RequestException:  # not up yet, or slow on a busy machine
            time.sleep(0.05)
    yield url, process, output
    process.kill()
    process.wait(120)


def test_on_sigterm_it_completes_the_delivery_in_flight_and_exits_0(
    function: tuple[str, "subprocess.Popen[bytes]", Path],
) -> None:
    url, process, output = function
    push = {
        "message": {"data": "e30=", "messageId": "7", "attributes": {}},
        "subscription": "projects/p/subscriptions/s",
    }
    answers: list[int] = []
    delivery = threading.Thread(target=lambda: answers.append(requests.post(url, json=push, timeout=120).status_code))
    delivery.start()
    while not (output.parent / "begun").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    delivery.join(120)
    assert answers == [200]
    assert process.wait(120) == 0
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert [line["message"] for line in lines] == ["started", "handled"]
    assert lines[1]["message_id"] == "7"
