"""Where a running stack listens: written to `stack.json` in its folder, read by every command that wants to join."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict

PROJECT = "earshot-local"
BUCKET = f"{PROJECT}-earshot-audio"  # terraform: "${var.project}-earshot-audio"
DATASET = "earshot"


class AlreadyRunning(RuntimeError):
    """Another process holds the folder."""


class Endpoints(BaseModel):
    """Addresses of one stack; `functions` has each function's, `pids` each process's."""

    model_config = ConfigDict(frozen=True)

    project: str = PROJECT
    bucket: str = BUCKET
    dataset: str = DATASET
    pubsub: str
    storage: str
    bigquery: str
    functions: dict[str, str]
    pids: dict[str, int]
    allow_private_addresses: bool = False
    """The functions fetch from loopback and private networks too."""

    def environment(self) -> dict[str, str]:
        """Variables that Google's clients and the functions' settings read; no proxy is used for this machine."""
        direct = ",".join(filter(None, [os.environ.get("NO_PROXY", os.environ.get("no_proxy")), "127.0.0.1"]))
        return {
            "NO_PROXY": direct,
            "no_proxy": direct,
            "GOOGLE_CLOUD_PROJECT": self.project,
            "PUBSUB_EMULATOR_HOST": self.pubsub,
            "STORAGE_EMULATOR_HOST": self.storage,
            "BIGQUERY_EMULATOR_HOST": self.bigquery,
            "EARSHOT_BUCKET": self.bucket,
            "EARSHOT_DATASET": self.dataset,
            "EARSHOT_SCRAPER_URL": self.functions.get("scraper", ""),
            "EARSHOT_ALLOW_PRIVATE_ADDRESSES": str(self.allow_private_addresses).lower(),
        }

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The environment of this process, for a while."""
        before = {name: os.environ.get(name) for name in self.environment()}
        os.environ.update(self.environment())
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

    def write(self, home: Path) -> None:
        """Write the addresses to the stack's folder."""
        described(home).write_text(self.model_dump_json(indent=2) + "\n")


def home_folder(named: Path | None = None) -> Path:
    """The state folder: as named, else EARSHOT_HOME, else `.earshot` here."""
    return (named or Path(os.environ.get("EARSHOT_HOME") or ".earshot")).resolve()


def described(home: Path) -> Path:
    """The file that holds the addresses."""
    return home / "stack.json"


@contextmanager
def held(home: Path) -> Iterator[None]:
    """The folder as this process's own; the hold ends with the process, however that ends.

    Raises:
        AlreadyRunning: another process holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        if not _locked(lock):
            raise AlreadyRunning(f"another earshot process holds {home}; stop it, or name another --data-dir")
        described(home).unlink(missing_ok=True)
        try:
            yield
        finally:
            described(home).unlink(missing_ok=True)


def found(home: Path) -> Endpoints | None:
    """The stack that runs in the folder; None if none does, whatever an earlier one left behind."""
    if not (home / "lock").exists():
        return None
    with (home / "lock").open("w") as lock:
        if _locked(lock):
            return None
    try:
        return Endpoints.model_validate_json(described(home).read_text())
    except FileNotFoundError:
        return None  # it is just starting, or stopping


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
