"""Pictures of the page for the documents: `python screenshots.py FOLDER`; EARSHOT_PAGE_HOME names a stack that runs already."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from conftest import ARGUMENTS, CHROMIUM, Stack, program
from playwright.sync_api import sync_playwright

SHOTS = {
    "corpus": "/", "recording": "recording", "upload": "upload", "live": "live",
    "judge": "/next", "refusals": "/refusals", "funnel": "/funnel", "models": "/models",
}  # fmt: skip
SIZES = ((1440, 960), (800, 1000), (360, 780))
KEPT = {*((name, 1440) for name in SHOTS), ("corpus", 360)}


def main(out: Path, *, everything: bool) -> None:
    """Take them all; of sizes and schemes only those that the documents show, unless `everything`."""
    with tempfile.TemporaryDirectory() as folder:
        python = str(Path(program()).with_name("python"))
        subprocess.run([python, str(Path(__file__).with_name("make_recordings.py")), folder], check=True)
        sound = Path(folder) / "few" / "speech then music.wav"
        named = os.environ.get("EARSHOT_PAGE_HOME")
        home = Path(named) if named else Path(folder) / "home"
        home.mkdir(exist_ok=True)
        stack, process = Stack(home, program()), None
        if not named:
            log = (home / "demo.log").open("w")
            process = subprocess.Popen([stack.earshot, "demo", "--keep"], env=stack.environment, stdout=log, stderr=log)
            while "keeps running" not in (home / "demo.log").read_text():
                assert process.poll() is None
                time.sleep(0.5)
        try:
            take(stack, out, sound, everything=everything)
        finally:
            if process:
                process.terminate()
                process.wait(60)


def take(stack: Stack, out: Path, sound: Path, *, everything: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)
    audio_id = stack.audio_id("An answer")
    with sync_playwright() as started:
        capture = f"--use-file-for-fake-audio-capture={sound}"
        browser = started.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, capture])
        for scheme in ("light", "dark"):
            for width, height in SIZES:
                for name, path in SHOTS.items():
                    if not everything and ((name, width) not in KEPT or (scheme == "dark" and name != "recording")):
                        continue
                    options: dict[str, Any] = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
                    context = browser.new_context(base_url=stack.page, permissions=["microphone"], **options)
                    tab = context.new_page()
                    tab.set_default_timeout(90_000)
                    tab.goto({"recording": f"/r/{audio_id}", "upload": "/upload", "live": "/live"}.get(path, path))
                    tab.wait_for_load_state("networkidle")
                    if path == "recording":
                        tab.evaluate("document.getElementById('audio').currentTime = 2.4")
                    if path == "upload":
                        tab.set_input_files("#file", str(sound))
                        tab.wait_for_selector("#measures div")
                    if path == "live":
                        tab.get_by_role("button", name="Listen").click()
                        tab.wait_for_timeout(9000)
                    tab.wait_for_timeout(700)
                    tab.screenshot(path=out / f"page-{name}-{width}-{scheme}.png")
                    context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), everything="--all" in sys.argv)
