"""A stack with the demo's recordings and a few of its own, and a browser."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = (
    os.environ.get("EARSHOT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
)
ARGUMENTS = [
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]


class Stack:
    """The running stack, and what a person at it can do."""

    def __init__(self, home: Path, earshot: str) -> None:
        self.home, self.earshot = home, earshot
        ours = {name: value for name, value in os.environ.items() if not name.startswith("EARSHOT_")}
        self.environment = {**ours, "EARSHOT_HOME": str(home)}

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.earshot, *arguments], env=self.environment, capture_output=True, text=True, timeout=280, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rows(self, sql: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("sql", "--format", "json", sql))
        return found

    def load(self, folder: Path) -> None:
        """Load files, and wait until each has its row and has been heard."""
        self.run("load", str(folder), "--wait", "250")
        heard = (
            "EXISTS (SELECT 1 FROM predictions AS heard WHERE heard.gcp_url = row.gcp_url AND heard.task = 'content')"
        )
        sql = f"SELECT COUNT(*) AS waiting FROM audio_metadata AS row WHERE row.removed_at IS NULL AND NOT {heard}"
        end = time.monotonic() + 200
        while waiting := int(self.rows(sql)[0]["waiting"]):
            assert time.monotonic() < end, f"{waiting} recordings have not been heard"
            time.sleep(0.5)

    @cached_property
    def page(self) -> str:
        return self.run("page", "--print").strip().rstrip("/")

    @cache  # noqa: B019 - one stack a session
    def audio_id(self, title: str) -> str:
        sql = f"SELECT audio_id FROM audio_metadata WHERE COALESCE(link_text, file_name) = '{title}' AND removed_at IS NULL"
        return str(self.rows(sql)[0]["audio_id"])


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files as make_recordings.py writes them."""
    folder = tmp_path_factory.mktemp("recordings")
    python = str(Path(program()).with_name("python"))
    subprocess.run([python, str(ROOT / "tests/page/make_recordings.py"), str(folder)], check=True, timeout=200)
    return folder


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, recordings: Path) -> Iterator[Stack]:
    """The demo, kept running, with the files of `recordings/few` beside it; EARSHOT_PAGE_HOME names one that runs already."""
    named = os.environ.get("EARSHOT_PAGE_HOME")
    if named:
        stack = Stack(Path(named), program())
        stack.load(recordings / "few")
        yield stack
        return
    home = tmp_path_factory.mktemp("home")
    stack = Stack(home, program())
    log = (home / "demo.log").open("w")
    process = subprocess.Popen([stack.earshot, "demo", "--keep"], env=stack.environment, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 280
        while "keeps running" not in (home / "demo.log").read_text():
            assert process.poll() is None, (home / "demo.log").read_text()[-3000:]
            assert time.monotonic() < end, (home / "demo.log").read_text()[-3000:]
            time.sleep(0.5)
        stack.load(recordings / "few")
        yield stack
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's browser; its fake microphone plays EARSHOT_PAGE_SOUND where that is set."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Visitor:
    """One person's browser: what it complains of is kept."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.context = browser.new_context(
            base_url=address, viewport=options.pop("viewport", {"width": 1280, "height": 900}), **options
        )
        self.tab = self.context.new_page()
        self.complaints: list[str] = []
        self.tab.set_default_timeout(60_000)
        self.tab.on("console", lambda message: self._note(message.type, message.text))
        self.tab.on("pageerror", lambda error: self._note("error", str(error)))
        self.dialogs: list[str] = []
        self.tab.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" or "Content Security Policy" in text:
            self.complaints.append(text)


def until(tab: Any, expression: str, seconds: float = 60) -> None:
    """Wait for a condition of the page. Playwright's own way is an eval, which the page's policy forbids."""
    end = time.monotonic() + seconds
    while not tab.evaluate(expression):
        assert time.monotonic() < end, (
            f"{expression} is still false; the page says: {tab.locator('main').inner_text()[:500]}"
        )
        tab.wait_for_timeout(20)


@pytest.fixture
def visitor(chromium: Any, stack: Stack) -> Iterator[Visitor]:
    one = Visitor(chromium, stack.page)
    yield one
    one.context.close()


def program() -> str:
    """The command `earshot` of the main environment."""
    named = os.environ.get("EARSHOT_PROGRAM") or str(ROOT / ".venv/bin/earshot")
    assert Path(named).exists(), f"{named} is not there: make test-page makes it"
    return named


assert sys.version_info >= (3, 11)
