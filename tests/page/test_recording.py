"""A recording's page: in step, by keys, corrected, its bytes, its size."""

import json
import re
from typing import Any

import pytest
from conftest import until

pytestmark = pytest.mark.page
BOTH = "speech then music.wav"


def opened(visitor: Any, stack: Any, title: str = BOTH) -> Any:
    visitor.tab.goto(f"/r/{stack.audio_id(title)}")
    visitor.tab.wait_for_selector("#label", state="attached")
    until(visitor.tab, "document.getElementById('audio').readyState >= 1")
    visitor.tab.evaluate("document.activeElement.blur()")
    return visitor.tab


def at(tab: Any, seconds: float) -> str:
    tab.evaluate(f"document.getElementById('audio').currentTime = {seconds}")
    until(tab, f"Math.abs(Number(document.getElementById('label').dataset.at) - {1000 * seconds}) < 100")
    return str(tab.locator("#label").inner_text())


def test_the_label_belongs_to_the_moment_that_is_heard(visitor: Any, stack: Any) -> None:
    tab = opened(visitor, stack)
    assert at(tab, 2.4).startswith("speech")
    assert at(tab, 7.9).startswith("music")
    assert "music" in tab.locator("#seek").get_attribute("aria-valuetext")
    assert tab.locator("#seek").get_attribute("aria-valuetext").startswith("0:07 of 0:12")
    assert visitor.complaints == []


def test_while_it_plays_the_label_is_within_100_ms_of_the_sound(visitor: Any, stack: Any) -> None:
    tab = opened(visitor, stack)
    tab.keyboard.press("Space")
    until(tab, "document.getElementById('audio').currentTime > 0.5")
    late = tab.evaluate(
        """async () => { const audio = document.getElementById('audio'), label = document.getElementById('label'); const late = [];
        for (let at = 0; at < 20; at++) { await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame);
          late.push(Math.abs(audio.currentTime * 1000 - Number(label.dataset.at))); } return late; }"""
    )
    assert sorted(late)[len(late) // 2] <= 100
    tab.keyboard.press("Space")
    assert tab.evaluate("document.getElementById('audio').paused")


def test_a_click_on_a_lane_or_the_spectrogram_seeks(visitor: Any, stack: Any) -> None:
    tab = opened(visitor, stack)
    for selector in ("#mel", "#lanes canvas"):
        box = tab.locator(selector).first.bounding_box()
        tab.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
        assert tab.evaluate("document.getElementById('audio').currentTime") == pytest.approx(9.0, abs=0.2)
        tab.keyboard.press("Home")


def test_keys_move_slow_down_zoom_and_explain_themselves(visitor: Any, stack: Any) -> None:
    tab = opened(visitor, stack)
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("document.getElementById('audio').currentTime") == pytest.approx(2.0, abs=0.1)
    tab.keyboard.press("Alt+ArrowRight")
    assert tab.evaluate("document.getElementById('audio').currentTime") == pytest.approx(2.0, abs=0.1)
    tab.keyboard.press(">")
    assert tab.evaluate("document.getElementById('audio').playbackRate") == 1.25
    tab.keyboard.press("s")
    tab.keyboard.press("z")
    assert int(tab.locator("#zoom").input_value()) > 0
    tab.keyboard.press("z")
    tab.keyboard.press("?")
    assert tab.locator("#keys").is_visible()


def test_a_correction_changes_count_and_verdict_at_once_and_names_the_verified_person(visitor: Any, stack: Any) -> None:
    title = "An answer"
    tab = opened(visitor, stack, title)
    before = tab.locator("tr[data-policy=asr] .verdict").inner_text()
    end = tab.evaluate("document.getElementById('audio').duration")
    tab.evaluate("document.getElementById('audio').currentTime = 0")
    tab.keyboard.press("[")
    tab.evaluate(f"document.getElementById('audio').currentTime = {end - 0.01}")
    tab.keyboard.press("]")
    tab.keyboard.press("2")
    until(tab, "document.getElementById('status').textContent.startsWith('music: kept')")
    until(tab, "document.querySelector('tr[data-policy=asr] .verdict').textContent === 'reject'")
    assert before != "reject"
    visitor.tab.goto("/?q=An+answer&policy=asr")
    assert "music" in visitor.tab.locator(".rows .heard").inner_text()
    assert visitor.tab.locator(".rows .verdict").inner_text() == "reject"
    url = stack.rows(f"SELECT gcp_url FROM audio_metadata WHERE link_text = '{title}'")[0]["gcp_url"]
    rows = stack.rows(
        f"SELECT label, annotator, source FROM annotations WHERE gcp_url = '{url}' ORDER BY created_at DESC"
    )
    assert (rows[0]["label"], rows[0]["annotator"], rows[0]["source"]) == ("music", "local", "page")


@pytest.mark.parametrize("form", ["csv", "audacity", "sonic-visualiser"])
def test_judgements_go_out_and_in_without_a_byte_changed(visitor: Any, stack: Any, form: str) -> None:
    audio_id, request = stack.audio_id("Piano in a small room"), visitor.context.request
    visitor.tab.goto("/")
    headers = {"origin": stack.page, "content-type": "application/json"}
    one = [{"task": "content", "label": "music", "start_ms": 120, "end_ms": 3456}]
    assert request.post(f"/r/{audio_id}/judgements", data=json.dumps(one), headers=headers).status == 201
    first = request.get(f"/r/{audio_id}/judgements.{form}").body()
    assert request.post(f"/r/{audio_id}/judgements.{form}", data=first, headers=headers).status == 201
    assert request.get(f"/r/{audio_id}/judgements.{form}").body() == first


def test_bytes_come_in_ranges_and_a_change_from_elsewhere_is_refused(visitor: Any, stack: Any) -> None:
    path, request = f"/r/{stack.audio_id(BOTH)}/audio", visitor.context.request
    part = request.get(path, headers={"range": "bytes=0-99"})
    assert (part.status, len(part.body()), part.headers["x-content-type-options"]) == (206, 100, "nosniff")
    assert request.get(path, headers={"range": "bytes=999999999-"}).status == 416
    assert request.get(path, headers={"range": "bytes=0-9", "if-range": '"other"'}).status == 200
    answer = request.post(
        f"/r/{stack.audio_id(BOTH)}/judgements", data="[]", headers={"origin": "https://evil.example"}
    )
    assert answer.status == 403
    assert request.get("/", headers={"host": "evil.example"}).status in (403, 421)


def test_a_withdrawn_recording_is_gone_at_once(visitor: Any, stack: Any) -> None:
    audio_id = stack.audio_id("Rain on a roof")
    url = stack.rows("SELECT gcp_url FROM audio_metadata WHERE link_text = 'Rain on a roof'")[0]["gcp_url"]
    assert visitor.context.request.get(f"/r/{audio_id}/audio").status == 200
    stack.run("forget", "--yes", url)
    assert visitor.context.request.get(f"/r/{audio_id}/audio").status == 404
    assert visitor.context.request.get(f"/r/{audio_id}").status == 404


def test_three_hours_are_shown_in_300_kb_and_little_memory(visitor: Any, stack: Any, recordings: Any) -> None:
    stack.load(recordings / "long")
    loaded = 0
    client = visitor.context.new_cdp_session(visitor.tab)
    client.send("Network.enable")

    def add(event: dict[str, Any]) -> None:
        nonlocal loaded
        loaded += int(event["encodedDataLength"])

    client.on("Network.loadingFinished", add)
    tab = opened(visitor, stack, "three hours.flac")
    tab.wait_for_timeout(1500)
    client.send("HeapProfiler.collectGarbage")
    heap = tab.evaluate("performance.memory.usedJSHeapSize")
    print(f"three hours: {loaded} bytes, heap {heap}")
    assert loaded < 300_000
    assert heap < 100 * 1024 * 1024
    assert re.search(r"3:00:0\d", tab.locator(".now").inner_text())
