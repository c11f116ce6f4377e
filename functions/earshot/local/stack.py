"""The whole house on one machine: three servers and three rooms, wired by push as they are in the cloud.

home/storage, home/bigquery   state, there again after a restart
home/logs/{name}.log          what each process says
home/stack.json               where they listen, while they do
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import earshot
from earshot.local import resources
from earshot.local.children import Children, free_ports
from earshot.local.endpoints import Endpoints, held

ROOMS = {"scraper": "http", "downloader": "cloudevent", "analyser": "cloudevent"}  # and how each is called
THREADS = {"scraper": 4, "downloader": 8, "analyser": 8}  # requests at a time

Say = Callable[[str], None]


@contextmanager
def running(home: Path, *, allow_private_addresses: bool = False, say: Say = lambda _text: None) -> Iterator[Endpoints]:
    """A stack, from its start until the block is left; all of its processes end with it.

    Args:
        home: folder of state and logs; whoever wants to join finds `stack.json` there.
        allow_private_addresses: let the rooms fetch from loopback and private networks.
        say: told what is being waited for.

    Raises:
        AlreadyRunning: another process holds the folder.
        ChildFailed: a server or a room does not come up; the message carries the end of its log.
    """
    with held(home), Children(home / "logs") as servers, Children(home / "logs") as rooms:
        ports = dict(zip(("pubsub", "storage", "bigquery", *ROOMS), free_ports(6), strict=True))
        endpoints = Endpoints(
            pubsub=f"127.0.0.1:{ports['pubsub']}",
            storage=f"http://127.0.0.1:{ports['storage']}",
            bigquery=f"http://127.0.0.1:{ports['bigquery']}",
            rooms={room: f"http://127.0.0.1:{ports[room]}/" for room in ROOMS},
            pids={},
            allow_private_addresses=allow_private_addresses,
        )
        _start_servers(servers, endpoints, home, ports)
        _start_rooms(rooms, endpoints, ports)
        with endpoints.applied():
            _make_resources(servers, endpoints, ports, say)
            for room, child in zip(ROOMS, rooms.all, strict=True):
                say(f"waiting for the {room}")
                child.wait(endpoints.rooms[room] + "health")
            resources.make_pushes(endpoints.project, endpoints.rooms)
        pids = {child.name: child.pid for child in (*servers.all, *rooms.all)}
        endpoints = endpoints.model_copy(update={"pids": pids})
        endpoints.write(home)
        yield endpoints


@contextmanager
def warehouse(home: Path) -> Iterator[Endpoints]:
    """BigQuery alone, for questions about kept state while no stack runs.

    Raises:
        AlreadyRunning, ChildFailed: as `running`.
    """
    with held(home), Children(home / "logs") as servers:
        (port,) = free_ports(1)
        endpoints = Endpoints(
            pubsub="127.0.0.1:0", storage="http://127.0.0.1:0", bigquery=f"http://127.0.0.1:{port}", rooms={}, pids={}
        )
        folder = home / "bigquery"
        child = servers.start("bigquery", "earshot.local.bigquery", "--port", port, "--folder", folder)
        with endpoints.applied():
            child.wait(f"{endpoints.bigquery}/healthz")
        yield endpoints


def _start_servers(servers: Children, endpoints: Endpoints, home: Path, ports: dict[str, int]) -> None:
    servers.start("bigquery", "earshot.local.bigquery", "--port", ports["bigquery"], "--folder", home / "bigquery")
    servers.start("pubsub", "earshot.local.pubsub", "--port", ports["pubsub"])
    news = ["--topic", resources.topic_path(endpoints.project, "audio-stored")]
    for event in resources.EVENTS:
        news += ["--event", event]
    for prefix in resources.WATCHED:
        news += ["--prefix", prefix]
    servers.start(
        "storage",
        "earshot.local.storage",
        *("--port", ports["storage"], "--folder", home / "storage", *news),
        env={"PUBSUB_EMULATOR_HOST": endpoints.pubsub},
    )


def _start_rooms(rooms: Children, endpoints: Endpoints, ports: dict[str, int]) -> None:
    doors = Path(earshot.__file__).parents[1]
    for room, signature in ROOMS.items():
        rooms.start(
            room,
            "functions_framework",
            *("--target", room, "--signature-type", signature, "--source", doors / room / "main.py"),
            *("--host", "127.0.0.1", "--port", ports[room]),
            env={
                **endpoints.environment(),
                "THREADS": str(THREADS[room]),
                "OPENBLAS_NUM_THREADS": "1",  # the threads are requests already
            },
        )


def _make_resources(servers: Children, endpoints: Endpoints, ports: dict[str, int], say: Say) -> None:
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
