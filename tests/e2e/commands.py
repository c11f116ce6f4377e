"""The command line as a user starts it: a process with an environment of its own."""

import os
import subprocess
import sys
from pathlib import Path

PATIENCE_S = 300  # an upper bound, for a machine that does much else; no test measures by it


def earshot(home: Path, *arguments: str) -> "subprocess.Popen[str]":
    names = {name: value for name, value in os.environ.items() if not name.startswith(("EARSHOT_", "GOOGLE_"))}
    names = {name: value for name, value in names.items() if not name.endswith("_EMULATOR_HOST")}
    return subprocess.Popen(
        [sys.executable, "-m", "earshot", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=names | {"EARSHOT_HOME": str(home), "COLUMNS": "120"},
    )


def output(process: "subprocess.Popen[str]") -> str:
    out, _ = process.communicate(timeout=PATIENCE_S)
    return out
