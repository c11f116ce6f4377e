"""Playback of a recording: a stretch that loops, the original level, and the lane of dropouts."""

from typing import Any

import pytest
from conftest import until
from test_recording import BOTH, opened

pytestmark = pytest.mark.page


def test_a_marked_stretch_is_played_again_and_again(visitor: Any, stack: Any) -> None:
    tab = opened(visitor, stack)
    tab.evaluate("document.getElementById('audio').currentTime = 1")
    tab.keyboard.press("[")
    tab.evaluate("document.getElementById('audio').currentTime = 1.4")
    tab.keyboard.press("]")
    tab.keyboard.press("l")
    assert tab.locator("#loop").get_attribute("aria-pressed") == "true"
    tab.evaluate(
        """() => { window.places = []; const audio = document.getElementById('audio');
        audio.addEventListener('seeking', () => window.places.push(audio.currentTime)); }"""
    )
    tab.keyboard.press("Space")
    until(tab, "window.places.filter((one) => Math.abs(one - 1) < 0.05).length >= 3", 120)
    tab.keyboard.press("l")
    until(tab, "document.getElementById('audio').currentTime > 2", 120)
    assert visitor.complaints == []


def test_the_key_o_switches_between_the_levelled_and_the_original_sound(visitor: Any, stack: Any) -> None:
    tab = opened(visitor, stack)
    url = stack.rows(f"SELECT integrated_lufs FROM audio_metadata WHERE file_name = '{BOTH}' AND removed_at IS NULL")
    wanted = -18 - float(url[0]["integrated_lufs"])
    shown = tab.locator("#gain").inner_text()
    assert float(shown.split()[0].replace("\u2212", "-")) == pytest.approx(wanted, abs=0.06)
    tab.keyboard.press("o")
    assert (tab.locator("#levelled").is_checked(), tab.locator("#gain").inner_text()) == (False, "")
    tab.keyboard.press("o")
    assert (tab.locator("#levelled").is_checked(), tab.locator("#gain").inner_text()) == (True, shown)


def test_dropouts_are_a_lane_and_lines_of_the_table(visitor: Any, stack: Any) -> None:
    tab = opened(visitor, stack, "torn.wav")
    assert "dropouts" in tab.locator("#lanes .lane-row span").all_inner_texts()
    tab.get_by_text("Segments of every lane").click()
    row = tab.locator("#table tr", has_text="dropouts")
    assert [cell.inner_text() for cell in row.locator("td").all()][:4] == ["dropouts", "0:01.00", "0:01.06", "60 ms"]
