"""The whole project on one machine: three servers and the functions, connected by push as they are in the cloud.

home/storage, home/bigquery   state, there again after a restart
home/models                   models of the registry, as the tagger fetched them
home/logs/{name}.log          log of each process; those of the last three starts beside it
home/tmp                      files being measured; emptied at each start
home/stack.json               where they listen, while they do
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import earshot
from earshot.local import resources
from earshot.local.endpoints import Endpoints, held
from earshot.local.processes import Processes, free_ports

FUNCTIONS = {
    "scraper": "http",
    "downloader": "cloudevent",
    "analyser": "cloudevent",
    "tagger": "cloudevent",
    "committer": "cloudevent",
}  # and how each is called
PAGE = "listener"  # is served by uvicorn: it has WebSockets, which functions-framework does not
COMMIT_WAIT_MS = "200"  # in the cloud a second: here one user waits for few rows
THREADS = {"scraper": 4, "downloader": 8, "analyser": 8, "tagger": 4, "committer": 8}  # requests at a time

WS_BYTES = 1 << 16  # of one message: a block of a microphone has 8 KB

Say = Callable[[str], None]


@contextmanager
def running(home: Path, *, allow_private_addresses: bool = False, say: Say = lambda _text: None) -> Iterator[Endpoints]:
    """A stack, from its start until the block is left; all of its processes end with it.

    Args:
        home: folder of state and logs; whoever wants to join finds `stack.json` there.
        allow_private_addresses: let the functions fetch from loopback and private networks.
        say: called with what is being waited for.

    Raises:
        AlreadyRunning: another process holds the folder.
        ProcessFailed: a server or a function does not come up; the message carries the end of its log.
    """
    with held(home), Processes(home / "logs") as servers, Processes(home / "logs") as functions:
        shutil.rmtree(home / "tmp", ignore_errors=True)  # what processes that were killed left there
        (home / "tmp").mkdir(parents=True)
        names = ("pubsub", "storage", "bigquery", *FUNCTIONS, PAGE)
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        endpoints = Endpoints(
            pubsub=f"127.0.0.1:{ports['pubsub']}",
            storage=f"http://127.0.0.1:{ports['storage']}",
            bigquery=f"http://127.0.0.1:{ports['bigquery']}",
            functions={function: f"http://127.0.0.1:{ports[function]}/" for function in (*FUNCTIONS, PAGE)},
            pids={},
            allow_private_addresses=allow_private_addresses,
        )
        _start_servers(servers, endpoints, home, ports)
        _start_functions(functions, endpoints, home, ports)
        with endpoints.applied():
            _make_resources(servers, endpoints, ports, say)
            for function, process in zip((*FUNCTIONS, PAGE), functions.all, strict=True):
                say(f"waiting for the {function}")
                process.wait(endpoints.functions[function] + "health")
            resources.make_pushes(endpoints.project, endpoints.functions)
        pids = {process.name: process.pid for process in (*servers.all, *functions.all)}
        endpoints = endpoints.model_copy(update={"pids": pids})
        endpoints.write(home)
        yield endpoints


@contextmanager
def warehouse(home: Path) -> Iterator[Endpoints]:
    """BigQuery alone, for questions about kept state while no stack runs.

    Raises:
        AlreadyRunning, ProcessFailed: as `running`.
    """
    with held(home), Processes(home / "logs") as servers:
        (port,) = free_ports(1)
        endpoints = Endpoints(
            pubsub="127.0.0.1:0",
            storage="http://127.0.0.1:0",
            bigquery=f"http://127.0.0.1:{port}",
            functions={},
            pids={},
        )
        folder = home / "bigquery"
        process = servers.start("bigquery", "earshot.local.bigquery_emulator", "--port", port, "--folder", folder)
        with endpoints.applied():
            process.wait(f"{endpoints.bigquery}/healthz")
        yield endpoints


def _start_servers(servers: Processes, endpoints: Endpoints, home: Path, ports: dict[str, int]) -> None:
    servers.start(
        "bigquery", "earshot.local.bigquery_emulator", "--port", ports["bigquery"], "--folder", home / "bigquery"
    )
    servers.start("pubsub", "earshot.local.pubsub", "--port", ports["pubsub"])
    notifications = ["--topic", resources.topic_path(endpoints.project, "audio-stored")]
    for event in resources.EVENTS:
        notifications += ["--event", event]
    for prefix in resources.WATCHED:
        notifications += ["--prefix", prefix]
    servers.start(
        "storage",
        "earshot.local.storage",
        *("--port", ports["storage"], "--folder", home / "storage", *notifications),
        env={"PUBSUB_EMULATOR_HOST": endpoints.pubsub},
    )


def _start_functions(functions: Processes, endpoints: Endpoints, home: Path, ports: dict[str, int]) -> None:
    entry_points = Path(earshot.__file__).parents[1]
    for function, signature in FUNCTIONS.items():
        functions.start(
            function,
            "functions_framework",
            *("--target", function, "--signature-type", signature, "--source", entry_points / function / "main.py"),
            *("--host", "127.0.0.1", "--port", ports[function]),
            env={
                **endpoints.environment(),
                "EARSHOT_MODELS_FOLDER": str(home / "models"),
                "TMPDIR": str(home / "tmp"),
                "THREADS": str(THREADS[function]),
                "EARSHOT_COMMIT_WAIT_MS": os.environ.get("EARSHOT_COMMIT_WAIT_MS", COMMIT_WAIT_MS),
                "OPENBLAS_NUM_THREADS": "1",  # the threads are requests already
            },
        )

    functions.start(
        PAGE,
        "uvicorn",
        *("main:app", "--app-dir", entry_points / PAGE, "--host", "127.0.0.1", "--port", ports[PAGE]),
        *("--log-level", "warning", "--ws-max-size", WS_BYTES, "--timeout-graceful-shutdown", 2),
        env={
            **endpoints.environment(),
            "EARSHOT_MODELS_FOLDER": str(home / "models"),
            "EARSHOT_ALLOWED_HOSTS": "127.0.0.1,localhost",
            "EARSHOT_KEEP_UPLOADS": "true",
            "TMPDIR": str(home / "tmp"),
            "OPENBLAS_NUM_THREADS": "1",
        },
    )


def _make_resources(servers: Processes, endpoints: Endpoints, ports: dict[str, int], say: Say) -> None:
    bigquery, pubsub, storage = servers.all
    say("waiting for Pub/Sub")
    pubsub.wait_for_port(ports["pubsub"])
    resources.make_topics(endpoints.project)
    say("waiting for Cloud Storage")
    storage.wait(endpoints.storage)
    resources.make_bucket(endpoints.project, endpoints.bucket)
    say("waiting for BigQuery")
    bigquery.wait(f"{endpoints.bigquery}/healthz")
    resources.make_tables(endpoints.project, endpoints.dataset)
