"""Uploads and the microphone, in a browser."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import ARGUMENTS, CHROMIUM, Stack, Visitor, until

pytestmark = pytest.mark.page
LATE = """const send = fetch; window.fetch = async (...given) => {
  if (given[1]?.method === 'PUT') await new Promise((go) => setTimeout(go, 2500));
  return send(...given); };"""
"""The bytes of an upload leave the browser later than a short socket lives."""


def test_an_upload_is_heard_while_it_comes_and_measured_at_its_end(visitor: Any, recordings: Path) -> None:
    visitor.tab.goto("/upload")
    visitor.tab.set_input_files("#file", str(recordings / "few" / "speech then music.wav"))
    visitor.tab.wait_for_selector("#measures div")
    heard = visitor.tab.locator("#table tbody tr td:nth-child(3)").all_inner_texts()
    assert "speech" in heard[:4]
    assert heard[-1] == "music"
    assert visitor.complaints == []


def test_what_is_no_audio_is_refused_with_the_analyser_s_reason(visitor: Any, tmp_path: Path) -> None:
    file = tmp_path / "page.mp3"
    file.write_text("<!doctype html><title>no</title>" + "x" * 5000)
    visitor.tab.goto("/upload")
    visitor.tab.set_input_files("#file", str(file))
    until(visitor.tab, "document.getElementById('status').textContent.includes('not audio')")


def test_one_visitor_s_upload_is_not_there_for_another(chromium: Any, stack: Any, recordings: Path) -> None:
    first, second = Visitor(chromium, stack.page), Visitor(chromium, stack.page)
    names: list[str] = []
    first.tab.on("request", lambda request: names.append(request.url) if request.method == "PUT" else None)
    first.tab.goto("/upload")
    first.tab.set_input_files("#file", str(recordings / "few" / "speech then music.wav"))
    first.tab.wait_for_selector("#table tbody tr")
    second.tab.goto("/upload")
    assert first.context.request.get(f"{names[0]}/audio").status == 200
    assert second.context.request.get(f"{names[0]}/audio").status == 404
    first.context.close()
    second.context.close()


@pytest.fixture
def listener(chromium: Any, stack: Any, recordings: Path) -> Any:
    """A visitor whose microphone plays speech, then music."""
    sound = f"--use-file-for-fake-audio-capture={recordings / 'few' / 'speech then music.wav'}"
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, sound])
    visitor = Visitor(browser, stack.page, permissions=["microphone"])
    yield visitor
    browser.close()


def test_a_microphone_is_heard_within_50_ms(listener: Any) -> None:
    listener.tab.goto("/live")
    listener.tab.get_by_role("button", name="Listen").click()
    until(listener.tab, "document.getElementById('says').textContent.startsWith('speech')")
    until(listener.tab, "document.getElementById('says').textContent.startsWith('music')", 30)
    print("p95 of the server:", listener.tab.evaluate("document.body.dataset.p95"), "ms")
    listener.tab.get_by_role("button", name="Stop").click()
    assert listener.complaints == []


def test_after_the_server_is_killed_the_microphone_goes_on_where_it_was(
    chromium: Any, stack: Any, recordings: Path
) -> None:
    port, (command, environment) = free_port(), as_started(stack)
    sound = f"--use-file-for-fake-audio-capture={recordings / 'few' / 'speech then music.wav'}"
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, sound])
    process = started(command, environment, port)
    try:
        tab = Visitor(browser, f"http://127.0.0.1:{port}", permissions=["microphone"]).tab
        tab.goto("/live")
        tab.get_by_role("button", name="Listen").click()
        until(tab, "Number(document.body.dataset.seq) >= 8")
        process.kill()
        process.wait()
        process = started(command, environment, port)
        before = int(tab.evaluate("document.body.dataset.seq"))
        until(tab, f"Number(document.body.dataset.seq) >= {before + 8}", 90)
        rows = [float(text) for text in tab.locator("#table tbody tr td:first-child").all_inner_texts()]
        assert {round(later - earlier, 2) for later, earlier in pairwise(rows)} == {0.25}, rows
    finally:
        browser.close()
        process.kill()


@pytest.fixture
def short_sockets(stack: Stack) -> Iterator[str]:
    """Address of another page over the stack, whose sockets may stay open for two seconds."""
    port, (command, environment) = free_port(), as_started(stack)
    process = started(command, environment | {"EARSHOT_SOCKET_S": "2"}, port)
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


def test_a_socket_closes_after_its_time_and_the_next_one_goes_on_by_seq(
    chromium: Any, short_sockets: str, recordings: Path
) -> None:
    sound = f"--use-file-for-fake-audio-capture={recordings / 'few' / 'speech then music.wav'}"
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, sound])
    try:
        visitor = Visitor(browser, short_sockets, permissions=["microphone"])
        sockets: list[str] = []
        visitor.tab.on("websocket", lambda socket: sockets.append(socket.url))
        visitor.tab.goto("/live")
        visitor.tab.get_by_role("button", name="Listen").click()
        end = time.monotonic() + 60
        while len(sockets) < 3:
            assert time.monotonic() < end, sockets
            visitor.tab.wait_for_timeout(50)
        before = int(visitor.tab.evaluate("document.body.dataset.seq"))
        until(visitor.tab, f"Number(document.body.dataset.seq) >= {before + 4}")
        rows = [float(text) for text in visitor.tab.locator("#table tbody tr td:first-child").all_inner_texts()]
        assert {round(later - earlier, 2) for later, earlier in pairwise(rows)} == {0.25}, rows
        assert visitor.tab.locator("#status").inner_text() == ""
        assert visitor.complaints == []
    finally:
        browser.close()


def test_the_socket_of_an_upload_goes_on_where_the_one_before_was_closed(
    chromium: Any, short_sockets: str, recordings: Path
) -> None:
    visitor = Visitor(chromium, short_sockets)
    frames: list[list[int]] = []

    def opened(socket: Any) -> None:
        mine: list[int] = []
        frames.append(mine)
        socket.on("framereceived", lambda data: mine.append(json.loads(data)["n"]))

    visitor.tab.on("websocket", opened)
    visitor.tab.add_init_script(LATE)
    visitor.tab.goto("/upload")
    visitor.tab.set_input_files("#file", str(recordings / "few" / "speech then music.wav"))
    visitor.tab.wait_for_selector("#measures div")
    numbers = [number for mine in frames for number in mine]
    assert len(frames) >= 2
    assert numbers == list(range(len(numbers)))
    assert visitor.complaints == []
    visitor.context.close()


def test_what_is_kept_is_in_the_corpus_like_any_file(visitor: Any, stack: Stack, recordings: Path) -> None:
    file = recordings / "kept" / "a kept chord.wav"
    visitor.tab.goto("/upload")
    visitor.tab.set_input_files("#file", str(file))
    visitor.tab.wait_for_selector("#measures div")
    visitor.tab.get_by_role("button", name="Keep it in the corpus").click()
    until(visitor.tab, "document.getElementById('status').textContent.startsWith('It is in the corpus')")
    wanted = f"FROM corpus WHERE file_name = '{file.name}' AND heard != 'not heard'"
    end = time.monotonic() + 120
    while not (rows := stack.rows(f"SELECT audio_id, heard, host {wanted}")):
        assert time.monotonic() < end, "no row of what was kept"
    assert (rows[0]["heard"], rows[0]["host"]) == ("music", "uploaded")
    answer = visitor.context.request.get(f"/r/{rows[0]['audio_id']}/audio")
    assert answer.body() == file.read_bytes()


def as_started(stack: Any) -> tuple[list[str], dict[str, str]]:
    """Command and environment of the stack's own page, for another at a port of its own."""
    pid = json.loads((stack.home / "stack.json").read_text())["pids"]["listener"]
    lines = Path(f"/proc/{pid}/environ").read_text().split("\0")
    environment = dict(line.split("=", 1) for line in lines if "=" in line)
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1], environment


def started(command: list[str], environment: dict[str, str], port: int) -> "subprocess.Popen[bytes]":
    own = [*command]
    own[own.index("--port") + 1] = str(port)
    process = subprocess.Popen(own, env=environment, stdin=subprocess.PIPE, start_new_session=True)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.1)
    raise AssertionError("the page does not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
