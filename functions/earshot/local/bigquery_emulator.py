"""BigQuery on this machine: bqemulator, started so that it needs nothing but its own package.

As it comes, bqemulator stops at the start unless it can fetch DuckDB's `spatial` extension from DuckDB's own
server, and it refuses what the client's load_table_from_json sends (a media part typed */*). Both are mended
here, hence its exact pin; GEOGRAPHY and ST_* functions do not work. It also parses a statement about ten times over,
which a MERGE of a hundred columns makes long; here it does so once, and translates a statement that comes again once.
It keeps every job for ever; here the latest. It copies a table after each change, for FOR SYSTEM_TIME AS OF, which is
refused here. Everything is kept in one folder, which one process at a time may hold.
"""

import argparse
import logging
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from threading import local
from typing import Any

from bqemulator import server
from bqemulator.api.routes import upload
from bqemulator.catalog.duckdb_repository import DuckDBCatalogRepository
from bqemulator.config import LogLevel, PersistenceMode, Settings
from bqemulator.domain.errors import InvalidQueryError
from bqemulator.domain.events import TableDataChanged
from bqemulator.jobs import executor
from bqemulator.sql import inner_query
from bqemulator.sql.catalog_schema import build_catalog_schema
from bqemulator.sql.translator import SQLTranslator
from bqemulator.storage.engine import DuckDBEngine
from bqemulator.versioning.snapshots import SnapshotManager
from sqlglot.dialects.dialect import Dialect
from sqlglot.expressions import Expr

log = logging.getLogger("earshot.local.bigquery_emulator")

ANY_TYPE = "*/*"


class Engine(DuckDBEngine):
    """The engine without the extension that is not in any package."""

    def _load_spatial(self) -> None:
        log.info("no spatial extension: GEOGRAPHY and ST_* do not work here")


PARSED = 64  # statements remembered; one at a time is parsed again and again


def parse_once() -> None:
    """Cache what a statement was parsed into, and return copies of it, but to what only looks for the tables in it."""
    parse = Dialect.parse
    reading = local()

    @lru_cache(PARSED)
    def remembered(dialect: Dialect, sql: str, options: tuple[tuple[str, Any], ...]) -> list[Expr | None]:
        return parse(dialect, sql, **dict(options))

    def once(self: Dialect, sql: str, **options: Any) -> list[Expr | None]:
        trees = remembered(self, sql, tuple(sorted(options.items())))
        return trees if getattr(reading, "only", False) else [tree.copy() if tree else None for tree in trees]

    def schema_of(*arguments: Any, **options: Any) -> dict[str, dict[str, str]]:
        reading.only = True
        try:
            return build_catalog_schema(*arguments, **options)
        finally:
            reading.only = False

    Dialect.parse = once  # type: ignore[method-assign]
    translating: Any = inner_query
    translating.build_catalog_schema = schema_of


def keep_no_snapshots() -> None:
    """Copy no table after a change, and refuse queries for earlier states.

    A thousand rows that come in a hundred commits would be copied fifty times over, and kept for a week.
    """
    snapshots: Any = SnapshotManager

    def record_change(self: Any, project_id: str, dataset_id: str, table_id: str) -> None:
        self._events.publish(TableDataChanged(project_id, dataset_id, table_id))

    def resolve_time_travel(_self: Any, *_table: str, **_moment: Any) -> None:
        raise InvalidQueryError("FOR SYSTEM_TIME AS OF: this engine keeps no earlier states of a table")

    snapshots.record_change = record_change
    snapshots.resolve_time_travel = resolve_time_travel


def translate_once() -> None:
    """Cache what a statement was translated into: with its views in it, that takes longer than running it."""
    translate = SQLTranslator.translate
    kept: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def once(self: SQLTranslator, bq_sql: str, **options: Any) -> Any:
        key = (bq_sql, repr(sorted((name, str(value)) for name, value in options.items())))
        if key not in kept:
            kept[key] = translate(self, bq_sql, **options)
        kept.move_to_end(key)
        while len(kept) > PARSED:
            kept.popitem(last=False)
        return kept[key]

    SQLTranslator.translate = once  # type: ignore[method-assign]


JOBS_KEPT = 500  # the emulator keeps all, with their results and a row on disk each: 280 MB for 600 recordings


def keep_recent_jobs() -> None:
    """Forget all but the latest jobs, and write none to the disk: what asks for a job does so within seconds."""
    recent: OrderedDict[tuple[str, str], None] = OrderedDict()

    def upsert_job(self: Any, job: Any) -> Any:
        self.ensure_ready()
        kept = self._cache.upsert_job(job)
        recent[job.project_id, job.job_id] = None
        recent.move_to_end((job.project_id, job.job_id))
        while len(recent) > JOBS_KEPT:
            (project_id, job_id), _ = recent.popitem(last=False)
            self._cache.delete_job(project_id, job_id, not_found_ok=True)
            executor.JOB_RESULTS.pop(job_id, None)
            executor.JOB_SCHEMAS.pop(job_id, None)
        return kept

    repository: Any = DuckDBCatalogRepository
    repository.upsert_job = upsert_job


def serve(port: int, folder: Path | None) -> None:
    """Serve until SIGTERM; without a folder nothing outlives the process."""
    parse_once()
    keep_no_snapshots()
    translate_once()
    keep_recent_jobs()
    engine_user: Any = server
    engine_user.DuckDBEngine = Engine
    uploads: Any = upload
    permitted = uploads._is_permitted_media_type
    uploads._is_permitted_media_type = lambda media: media == ANY_TYPE or permitted(media)
    settings: dict[str, Any] = {"data_dir": folder, "persistence_mode": PersistenceMode.PERSISTENT} if folder else {}
    server.run_forever(
        Settings(rest_port=port, grpc_port=0, enable_format_extensions=False, log_level=LogLevel.WARNING, **settings)
    )


def main() -> None:
    """Read the command line, and serve."""
    parser = argparse.ArgumentParser(description="BigQuery on loopback, in a folder.")
    parser.add_argument("--port", type=int, default=9050)
    parser.add_argument("--folder", type=Path, help="where tables are kept; without it, in memory")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    log.info("BIGQUERY_EMULATOR_HOST=http://127.0.0.1:%s, kept in %s", arguments.port, arguments.folder or "memory")
    serve(arguments.port, arguments.folder)


if __name__ == "__main__":
    main()
