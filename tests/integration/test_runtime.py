"""A room under functions-framework, as its image starts it: told SIGTERM, it ends what it has begun."""

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

ROOM = """
import time
from pathlib import Path
import functions_framework
from earshot import runtime, settings

runtime.start(settings.FunctionSettings())

@functions_framework.cloud_event
def room(event):
    Path("begun").touch()
    time.sleep(1)
    runtime.log.info("settled", extra={"fields": {"message_id": event["id"]}})
"""


@pytest.fixture
def room(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]", Path]]:
    (tmp_path / "main.py").write_text(ROOM)
    (port,) = free_ports(1)
    said = tmp_path / "said.log"
    environment = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1", "GOOGLE_CLOUD_PROJECT": "tests"}
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "functions_framework", "--target", "room"],
            cwd=tmp_path,
            env=environment,
            stdout=out,
        )
    url = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        try:
            requests.get(f"{url}/health", timeout=1).raise_for_status()
            break
        except requests.ConnectionError:
            time.sleep(0.05)
    yield url, process, said
    process.kill()
    process.wait(20)


def test_told_to_end_it_settles_the_delivery_in_flight_and_exits_0(
    room: tuple[str, "subprocess.Popen[bytes]", Path],
) -> None:
    url, process, said = room
    push = {
        "message": {"data": "e30=", "messageId": "7", "attributes": {}},
        "subscription": "projects/p/subscriptions/s",
    }
    answers: list[int] = []
    delivery = threading.Thread(target=lambda: answers.append(requests.post(url, json=push, timeout=20).status_code))
    delivery.start()
    while not (said.parent / "begun").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    delivery.join(20)
    assert answers == [200]
    assert process.wait(20) == 0
    lines = [json.loads(line) for line in said.read_text().splitlines()]
    assert [line["message"] for line in lines] == ["started", "settled"]
    assert lines[1]["message_id"] == "7"
