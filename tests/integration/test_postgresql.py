"""The copy of audio_info against a real PostgreSQL server, started in a temporary folder."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from earshot.adapters.copy_to_sql_database import connect, copy
from earshot.errors import BadRequest, ComeAgain
from earshot.local.processes import free_ports

PASSWORD = "p w/@:%"  # a test's; URLs need it quoted
QUOTED = "p%20w%2F%40%3A%25"
SERVER_USER = "postgres"  # who runs the server where the tests are root, which it refuses


def binaries() -> Path | None:
    """The folder of initdb: of PATH, or the newest of Debian's packages."""
    found = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return Path(found).parent if found else installed[-1].parent if installed else None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the server: host and port."""
    folder = binaries()
    if folder is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    home = tmp_path_factory.mktemp("postgresql")
    user: dict[str, str] = {}
    if os.geteuid() == 0:
        user = {"user": SERVER_USER}
        shutil.chown(home, SERVER_USER)
        for parent in list(home.parents)[:2]:  # pytest makes them for its own user alone
            parent.chmod(0o755)
        assert pwd.getpwnam(SERVER_USER)
    (home / "password").write_text(PASSWORD)
    (home / "password").chmod(0o644)
    data, (port,) = home / "data", free_ports(1)
    initdb = [folder / "initdb", "--pgdata", data, "--username", "earshot", "--auth", "scram-sha-256"]
    subprocess.run(
        [*initdb, "--pwfile", home / "password", "--no-sync"], check=True, capture_output=True, cwd=home, **user
    )
    control = [folder / "pg_ctl", "--pgdata", data, "--wait"]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {home} -c fsync=off"
    start = [*control, "--log", home / "log", "--options", options, "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home, **user)
    yield f"127.0.0.1:{port}"
    subprocess.run([*control, "--mode", "immediate", "stop"], check=True, capture_output=True, cwd=home, **user)


@pytest.fixture
def url(server: str) -> str:
    """An empty database."""
    main = f"postgresql://earshot:{QUOTED}@{server}/postgres"
    admin = connect(main).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS audio WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE audio"))
    admin.dispose()
    return f"postgresql://earshot:{QUOTED}@{server}/audio"


def row(number: int, title: str = "a title") -> dict[str, object]:
    return {
        "id": f"{number:05d}",
        "title": title,
        "file_path": f"gs://bucket/audio/{number}.wav",
        "duration": 1.5,
        "pesq_score": None if number % 2 else 3.25,
        "quality_label": None if number % 2 else "Good",
    }


def rows(url: str) -> dict[str, tuple[object, ...]]:
    engine = connect(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT id, title, duration, pesq_score FROM audio_info ORDER BY id")).all()
    engine.dispose()
    return {one[0]: tuple(one[1:]) for one in found}


def test_a_second_copy_updates_rows_and_adds_none(url: str) -> None:
    assert copy(connect(url), [row(number) for number in range(2500)], []) == (2500, 0)
    assert copy(connect(url), [row(number, "new ü 'title'") for number in range(2500)], []) == (2500, 0)
    found = rows(url)
    assert len(found) == 2500
    assert found["00001"] == ("new ü 'title'", 1.5, None)
    assert found["00002"] == ("new ü 'title'", 1.5, 3.25)


def test_withdrawn_recordings_are_deleted_but_not_what_came_back_as_another_object(url: str) -> None:
    copy(connect(url), [row(number) for number in range(4)], [])
    withdrawn = [("00001", "gs://bucket/audio/1.wav"), ("00002", "gs://bucket/audio/older.wav"), ("00003", None)]
    assert copy(connect(url), [row(0)], withdrawn) == (1, 2)
    assert rows(url).keys() == {"00000", "00002"}


def test_concurrent_copies_neither_deadlock_nor_mix(url: str) -> None:
    def export(number: int) -> tuple[int, int]:
        order = range(1500) if number % 2 else reversed(range(1500))
        return copy(connect(url), [row(one, f"copy {number}") for one in order], [])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(export, range(4))) == [(1500, 0)] * 4
    assert len({title for title, *_ in rows(url).values()}) == 1


def test_a_copy_that_fails_changes_nothing(url: str) -> None:
    copy(connect(url), [row(number) for number in range(3)], [])

    def breaks() -> Iterator[dict[str, object]]:
        yield from (row(number, "half") for number in range(1000))
        raise ComeAgain("the warehouse fails")

    with pytest.raises(ComeAgain):
        copy(connect(url), breaks(), [])
    assert {title for title, *_ in rows(url).values()} == {"a title"}


@pytest.mark.parametrize("wrong", ["earshot:wrong", "nobody:wrong"])
def test_a_wrong_password_is_an_error_without_the_password(server: str, wrong: str) -> None:
    with pytest.raises(ComeAgain) as raised:
        copy(connect(f"postgresql://{wrong}@{server}/postgres"), [row(1)], [])
    assert "password authentication failed" in str(raised.value)
    assert "wrong" not in str(raised.value)


def test_a_query_without_the_columns_is_refused(url: str) -> None:
    with pytest.raises(BadRequest, match="yields no title"):
        copy(connect(url), [{"id": "1"}], [])
