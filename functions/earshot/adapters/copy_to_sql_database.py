"""Copies the view audio_info into a table of an SQLite or PostgreSQL database."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Column, Engine, Float, MetaData, Table, Text, create_engine, delete, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from earshot.errors import BadRequest, ComeAgain

Withdrawn = tuple[str | None, str | None]
"""audio_id and gcp_url of a withdrawn recording; without a gcp_url it means every object of that audio_id."""

ROWS_AT_ONCE = 1000
LOCK_KEY = 0x65617273686F74  # "earshot": of the advisory lock that copies of any process take
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}  # else SQLAlchemy looks for psycopg2
INSERTS: Mapping[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}

AUDIO_INFO = Table(
    "audio_info",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("title", Text),
    Column("file_path", Text, nullable=False),
    Column("duration", Float, nullable=False),
    Column("pesq_score", Float),
    Column("quality_label", Text),
)
COLUMNS = tuple(column.name for column in AUDIO_INFO.columns)


def connect(url: str) -> Engine:
    """A SQLAlchemy engine for `sqlite:///…` or `postgresql://…`.

    Raises:
        BadRequest: another database, or a driver that is not installed.
    """
    scheme, separator, rest = url.partition("://")
    try:
        engine = create_engine(DRIVERS.get(scheme, scheme) + separator + rest)
    except ModuleNotFoundError as error:
        raise BadRequest(f"{scheme} needs {error.name}: `make extra NAME=postgres`") from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise BadRequest(f"{scheme} is no known database: {error}") from error
    if engine.dialect.name not in INSERTS:
        raise BadRequest(f"{scheme}: only sqlite and postgresql are supported, since rows are replaced by their key")
    return engine


def copy(engine: Engine, rows: Iterable[Mapping[str, Any]], withdrawn: Iterable[Withdrawn]) -> tuple[int, int]:
    """Insert or replace rows by id and delete withdrawn ones, in one transaction; returns the number of each.

    A withdrawn recording that was stored again as another object is kept.

    Raises:
        BadRequest: a row lacks a column of audio_info.
        ComeAgain: the database refuses the connection or a statement.
    """
    written = deleted = 0
    waiting = iter(rows)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":  # one copy at a time: two would deadlock, or both make the table
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
            AUDIO_INFO.create(connection, checkfirst=True)
            while part := list(islice(waiting, ROWS_AT_ONCE)):
                lacking = [name for name in COLUMNS if name not in part[0]]
                if lacking:
                    raise BadRequest(f"the query yields no {', '.join(lacking)}, which audio_info has")
                unique = {row["id"]: {name: row[name] for name in COLUMNS} for row in part}
                fresh = INSERTS[engine.dialect.name](AUDIO_INFO)
                replaced = {name: fresh.excluded[name] for name in COLUMNS if name != "id"}
                connection.execute(
                    fresh.on_conflict_do_update(index_elements=["id"], set_=replaced), list(unique.values())
                )
                written += len(unique)
            for audio_id, gcp_url in withdrawn:
                matching = delete(AUDIO_INFO).where(AUDIO_INFO.c.id == audio_id)
                deleted += connection.execute(
                    matching.where(AUDIO_INFO.c.file_path == gcp_url) if gcp_url else matching
                ).rowcount
    except SQLAlchemyError as error:
        raise ComeAgain(f"{engine.url.render_as_string(hide_password=True)}: {error}") from error
    finally:
        engine.dispose()
    return written, deleted
