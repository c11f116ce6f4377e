"""Makes the plan of an export from the rows of its query: splits, shards, and shards kept of the export before."""

import json
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from earshot.exporting.export_request import ExportRequest
from earshot.exporting.plan_database import Plan, Shard
from earshot.exporting.splits import split_key, split_of
from earshot.exporting.types_and_protocols import Destination, Selection

COMMIT_EVERY = 1000  # rows


def fill(plan: Plan, request: ExportRequest, selection: Selection, progress: Callable[[int], None]) -> None:
    """Enter the recordings of a query into the plan, with split and shard."""
    for number, chosen in enumerate(selection.recordings(), start=1):
        split = split_of(split_key(chosen, request.split_by), request.splits)
        rate_hz = request.rate_hz or chosen.sample_rate_hz
        recoded = 2 * rate_hz * chosen.duration_ms // 1000
        plan.add(chosen, split, recoded if request.transcode else chosen.bytes)
        if number % COMMIT_EVERY == 0:
            plan.database.commit()
            progress(number)
    keep_copies_together(plan)
    make_shards(plan, request, [column.name for column in selection.columns])
    plan.note(
        request=request.model_dump(mode="json"),
        identity=request.identity,
        snapshot=selection.snapshot.isoformat(),
        columns=[[column.name, column.type] for column in selection.columns],
        finished=False,
    )


def keep_copies_together(plan: Plan) -> None:
    """Leave out a copy whose author or host is in another split than the copy fetched first.

    The first copy stays whatever comes later, so recordings never change their split.
    """
    with plan.database:
        plan.database.execute(
            "UPDATE items SET outcome = 'copy_in_other_split' WHERE outcome IS NULL AND split <> ("
            " SELECT first.split FROM items AS first WHERE first.grouped = items.grouped"
            " AND (first.outcome IS NULL OR first.outcome = 'copy_in_other_split')"
            " ORDER BY first.fetched_at, first.gcp_url LIMIT 1)"
        )


def make_shards(plan: Plan, request: ExportRequest, columns: Iterable[str]) -> None:
    """Divide each split into shards in the order of the keys, which are hashes."""
    layout = json.dumps([request.form, request.transcode, request.rate_hz, *columns])
    plan.database.execute("CREATE TEMP TABLE IF NOT EXISTS cut (key TEXT PRIMARY KEY, shard INTEGER)")
    for split, _share in request.splits:
        shard, items, size, digest = Shard(split, 0), 0, 0, sha256(layout.encode())
        waiting = plan.database.execute(
            "SELECT key, cost, chosen FROM items WHERE split = ? AND outcome IS NULL ORDER BY key", (split,)
        )
        for key, cost, chosen in waiting:
            if items and (size + cost > request.shard_bytes or items == request.shard_items):
                _close(plan, shard, digest.hexdigest())
                shard, items, size, digest = Shard(split, shard.number + 1), 0, 0, sha256(layout.encode())
            digest.update(f"{key} {chosen}\n".encode())
            plan.database.execute("INSERT INTO cut VALUES (?, ?)", (key, shard.number))
            items, size = items + 1, size + cost
        if items:
            _close(plan, shard, digest.hexdigest())
    with plan.database:
        plan.database.execute(
            "UPDATE items SET shard = (SELECT cut.shard FROM cut WHERE cut.key = items.key) WHERE outcome IS NULL"
        )
        plan.database.execute("DROP TABLE cut")


def _close(plan: Plan, shard: Shard, fingerprint: str) -> None:
    plan.database.execute(
        "INSERT INTO shards (split, number, fingerprint) VALUES (?, ?, ?)", (shard.split, shard.number, fingerprint)
    )


def adopt(plan: Plan, before: Path, destination: Destination) -> int:
    """Mark shards as done that an earlier plan wrote with equal content and that still exist; returns their number."""
    adopted = 0
    with Plan.opened(before) as old:
        plan.note_names(old.written_names())
        for shard, done in old.shards():
            here = (shard.split, shard.number)
            same = "SELECT fingerprint FROM shards WHERE split = ? AND number = ?"
            fresh, kept = (p.database.execute(same, here).fetchone() for p in (plan, old))
            if not done or fresh != kept:
                continue
            files = old.database.execute("SELECT * FROM files WHERE split = ? AND number = ?", here).fetchall()
            if any(destination.size(name) != size for name, size, *_ in files):
                continue
            items = old.database.execute(
                "SELECT outcome, file, extension, sample_rate_hz, channels, frames, key FROM items"
                " WHERE split = ? AND shard = ?",
                here,
            ).fetchall()
            if any(item[0] != "kept" for item in items):
                continue  # what could not be packed then may be packed now
            with plan.database:
                plan.database.executemany(
                    "UPDATE items SET outcome = ?, file = ?, extension = ?, sample_rate_hz = ?, channels = ?,"
                    " frames = ? WHERE key = ?",
                    items,
                )
                plan.database.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?)", files)
                plan.database.execute("UPDATE shards SET done = 1 WHERE split = ? AND number = ?", here)
            adopted += 1
    return adopted
