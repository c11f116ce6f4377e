"""`make demo` from nothing: what it installs, and the demo in that environment as a newcomer sees it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_BYTES = 500_000_000


def disk_usage(folder: Path) -> int:
    """Bytes on the disk, as `du` counts them."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


@pytest.mark.slow
def test_the_demo_installs_at_most_500_mb_and_runs_in_that(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("EARSHOT_", "GOOGLE_"))}
    environment |= {"HOME": str(tmp_path / "home"), "EARSHOT_HOME": str(tmp_path / "state"), "COLUMNS": "160"}
    (tmp_path / "home").mkdir()
    venv = tmp_path / "venv"
    make = ["make", f"VENV={venv}", f"PYTHON={sys.executable}"]
    installed = subprocess.run([*make, f"{venv}/bin/.demo"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert installed.returncode == 0, installed.stderr
    assert "Making the environment" in installed.stdout
    assert disk_usage(venv) <= MOST_BYTES
    shown = subprocess.run([*make, "demo"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert "What was heard" in shown.stdout
    assert (tmp_path / "state" / "report.svg").exists()
    last = re.search(r"Query the rows, now or later: (.+)", shown.stderr)
    assert last
    queried = subprocess.run(last[1], shell=True, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert queried.returncode == 0, queried.stderr
    assert "studio.wav" in queried.stdout
