"""Real local servers for the tests, each started once, on a free port, and stopped at the end."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy comes: its threads only get into each other's way

import functools
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.googlesql import Statements

settings.register_profile("house", deadline=None, derandomize=True)  # the same examples, however slow the machine
settings.load_profile("house")


@pytest.fixture(scope="session")
def statements_sent() -> Iterator["Statements"]:
    """What this process sends to BigQuery's client, whoever sends it."""
    from google.cloud.bigquery import Client

    from tests.googlesql import Statements

    kept, original = Statements(), Client.query

    @functools.wraps(original)
    def query(client: Client, sql: str, *arguments: Any, **named: Any) -> Any:
        kept.add(sql, named.get("job_config"))
        return original(client, sql, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "query", query)
        yield kept


@pytest.fixture
def bigquery_would_take_it(request: pytest.FixtureRequest, statements_sent: "Statements") -> Iterator[None]:
    """Fails a test that sent a statement which Google's analyser refuses, unless it is marked `refused_sql`.

    The embedded engine accepts more than BigQuery does. A new statement is found here by itself.
    """
    from tests.googlesql import is_installed

    yield
    if not is_installed():
        return
    reasons = statements_sent.refused()
    if request.node.get_closest_marker("refused_sql") is None:
        assert not reasons, "\n\n".join(reasons)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def official_pubsub_jar() -> Path | None:
    """Google's emulator as gcloud installs it, if it and Java are here."""
    gcloud = shutil.which("gcloud")
    if gcloud is None or shutil.which("java") is None:
        return None
    roots = [Path(gcloud).resolve().parent.parent, Path("/usr/lib/google-cloud-sdk")]
    return next((jar for root in roots for jar in root.glob("platform/pubsub-emulator/lib/*-all.jar")), None)


@pytest.fixture(scope="session")
def pubsub_stand_in() -> Iterator[str]:
    """host:port of our Pub/Sub stand-in."""
    from earshot.local.pubsub.grpc_server import Server

    server = Server()
    yield server.host
    server.stop()


@pytest.fixture(scope="session")
def pubsub_official(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of Google's own emulator; skips where it is not installed."""
    jar = official_pubsub_jar()
    if jar is None:
        pytest.skip("Google's Pub/Sub emulator or Java is not installed")
    port = free_port()
    log = tmp_path_factory.mktemp("pubsub") / "emulator.log"
    command = ["java", "-Xmx256m", "-jar", str(jar), "--host=127.0.0.1", f"--port={port}"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_for_port(port, process, log)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def wait_for_port(port: int, process: "subprocess.Popen[bytes]", log: Path, patience_s: float = 60) -> None:
    """Return once something listens on the port.

    Raises:
        RuntimeError: the process ended, or nothing listens in time; carries the log.
    """
    end = time.monotonic() + patience_s
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args} is not there:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def storage_server(pubsub_stand_in: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """STORAGE_EMULATOR_HOST of a server that tells the topic projects/tests/topics/changes of audio/ and refused/."""
    from google.cloud.pubsub_v1 import PublisherClient

    from earshot.local.storage.notifications import Notifications
    from earshot.local.storage.server import Server

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PUBSUB_EMULATOR_HOST", pubsub_stand_in)
        PublisherClient().create_topic(name="projects/tests/topics/changes")
        told = Notifications("projects/tests/topics/changes", ("audio/", "refused/"))
    server = Server(tmp_path_factory.mktemp("storage"), notifications=told)
    yield server.host
    server.stop()


@pytest.fixture(scope="session")
def bigquery_embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """BIGQUERY_EMULATOR_HOST of the engine that the local stack runs."""
    from earshot.local.processes import Processes

    port = free_port()
    with Processes(tmp_path_factory.mktemp("bigquery")) as processes:
        child = processes.start("bigquery", "earshot.local.bigquery_emulator", "--port", port)
        child.wait(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def bigquery_strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """BIGQUERY_EMULATOR_HOST of the second, stricter engine; `make strict-engine` says where it is."""
    executable = os.environ.get("EARSHOT_STRICT_ENGINE")
    if not executable:
        pytest.skip("EARSHOT_STRICT_ENGINE names no local-bigquery; make strict-engine builds one")
    port, folder = free_port(), tmp_path_factory.mktemp("strict")
    log = folder / "engine.log"
    command = [executable, "--host", "127.0.0.1", "--port", str(port), "--grpc-port", str(free_port())]
    with log.open("wb") as out:
        process = subprocess.Popen([*command, "--data-dir", str(folder / "data")], stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_for_port(port, process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(params=["embedded", pytest.param("strict", marks=pytest.mark.strict_engine)])
def bigquery_host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """BIGQUERY_EMULATOR_HOST of each engine in turn, in the environment too."""
    host = str(request.getfixturevalue(f"bigquery_{request.param}"))
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", host)
    return host
