"""Runs an export: query, plan, shards, attribution files."""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from earshot.audio.selected_recording import Column
from earshot.errors import BadRequest
from earshot.exporting import attribution_files
from earshot.exporting.check_destination import MANIFEST, check_destination
from earshot.exporting.croissant import describe
from earshot.exporting.dataset_card import card
from earshot.exporting.export_request import ExportRequest
from earshot.exporting.lhotse_nemo_manifests import MANIFESTS
from earshot.exporting.make_plan import adopt, fill
from earshot.exporting.pack_in_this_process import Packing, in_this_process
from earshot.exporting.plan_database import Placed, Plan
from earshot.exporting.types_and_protocols import AudioStore, Catalogue, Destination

Progress = Callable[[str, int, int], None]
"""Called with the step, the number done and the total (0 if unknown)."""


@dataclass(frozen=True)
class Report:
    """Outcome of an export."""

    snapshot: str
    recordings: dict[str, tuple[int, float]]
    """Recordings and hours by split."""
    left_out: dict[str, int] = field(default_factory=dict)
    withdrawn: int = 0
    shards: int = 0
    shards_kept: int = 0
    """Shards that existed at the destination and did not change."""
    resumed: bool = False


def export(
    request: ExportRequest,
    *,
    catalogue: Catalogue,
    store: AudioStore,
    destination: Destination,
    state: Path,
    now: Callable[[], datetime],
    workers: int = 8,
    packing: Packing | None = None,
    force: bool = False,
    progress: Progress = lambda _what, _done, _of: None,
) -> Report:
    """Write the export, or what is missing of it.

    An interrupted export continues when the same request is repeated, with the rows of its first start. A finished one
    is queried again, and only shards that differ are written. Without `manifest.json` an export is incomplete.

    Args:
        packing: packs the shards elsewhere than in this process.
        state: a local folder that belongs to the destination: the plan, and shards in progress.
        force: replace whatever the destination has, if it is not the same export.

    Raises:
        BadRequest: the query cannot be exported, the destination has other files, or another export to it is running.
        ComeAgain: the bucket, the warehouse or the destination fails; repeat the request.
    """
    path, before = state / "plan.sqlite", state / "before.sqlite"
    if not force:
        check_destination(destination, path, request)
    with ExitStack() as opened:
        opened.enter_context(_locked(state))
        work = Path(opened.enter_context(TemporaryDirectory(dir=state, prefix="work-")))
        resumed = _continues(path, request)
        if not resumed:
            _keep_as_previous(path, before)
        plan = opened.enter_context(Plan.opened(path))
        if not resumed:
            selection = catalogue.select(request.sql, request.limit)
            fill(plan, request, selection, lambda done: progress("reading rows", done, 0))
            if before.exists():
                adopt(plan, before, destination)
            plan.note(planned=True)
        else:
            for _audio_id, gcp_url, _since, why in catalogue.withdrawn():
                plan.withdraw(gcp_url or "", why)
        shards = plan.shards()
        kept = sum(done for _shard, done in shards)
        if kept < len(shards):
            destination.delete(MANIFEST)  # from here on the destination mixes old and new shards
        counted = _Counter(plan, progress)
        columns = tuple(Column(*column) for column in plan.fact("columns"))
        todo = [shard for shard, done in shards if not done]
        packing = packing or in_this_process(store, destination, workers)
        packing(plan, todo, request, columns, work, counted)
        withdrawn = _write_attribution_files(plan, request, catalogue, destination, work, now)
        plan.note(finished=True)
        before.unlink(missing_ok=True)
        return Report(
            snapshot=plan.fact("snapshot"),
            recordings=attribution_files.split_totals(plan),
            left_out=plan.left_out(),
            withdrawn=withdrawn,
            shards=len(shards),
            shards_kept=kept,
            resumed=resumed,
        )


class _Counter:
    """Counts packed recordings and reports the progress."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        ((self.total, self.done),) = plan.counts(
            "SELECT COUNT(*), COUNT(items.outcome) FROM items WHERE shard IS NOT NULL"
        )
        self.progress = progress
        progress("packing", self.done, self.total)

    def __call__(self, more: int) -> None:
        self.done += more
        self.progress("packing", self.done, self.total)


def _write_attribution_files(
    plan: Plan,
    request: ExportRequest,
    catalogue: Catalogue,
    destination: Destination,
    work: Path,
    now: Callable[[], datetime],
) -> int:
    """Write the attribution files, the manifest last; delete files of earlier exports; returns the number withdrawn."""

    def write_text(name: str, text: str) -> Placed:
        (work / "file").write_text(text, encoding="utf-8")
        return move(name)

    def move(name: str) -> Placed:
        placed = Placed.of(work / "file", name)
        destination.put(work / "file", name)
        return placed

    snapshot = plan.fact("snapshot")
    earlier = plan.written_names() | set(attribution_files.existing_files(destination))
    exported, listed = attribution_files.earlier_export(destination)
    totals, licences = attribution_files.split_totals(plan), attribution_files.licence_totals(plan)
    manifests = []
    if request.form in MANIFESTS:
        name, write = MANIFESTS[request.form]
        for split in totals:
            write(work / "file", plan.kept(split))
            manifests.append(move(name.format(split=split)))
    withdrawn = attribution_files.withdrawn(catalogue, exported, listed)
    attribution_files.withdrawal_list(work / "file", withdrawn)
    move(attribution_files.WITHDRAWN)
    for name in earlier - {placed.name for placed in plan.files()}:
        destination.delete(name)
    attribution_files.checksums(work / "file", plan)
    move(attribution_files.CHECKSUMS)
    attribution_files.licences(work / "file", plan)
    move(attribution_files.LICENCES)
    attribution_files.attribution(work / "file", plan.kept())
    credit = move(attribution_files.ATTRIBUTION)
    packed = [placed for placed in plan.files() if not placed.name.startswith("audio/")] + manifests
    urls = sorted(
        {url for _name, urls, *_ in licences for url in urls.split(",") if url} or {name for name, *_ in licences}
    )
    write_text(
        "croissant.json", json.dumps(describe(request, snapshot, urls, packed, credit), indent=2, ensure_ascii=False)
    )
    write_text("README.md", card(request, snapshot, totals, licences, plan.left_out(), len(withdrawn)))
    manifest = {
        "name": request.name,
        "sql": request.sql,
        "snapshot": snapshot,
        "written_at": now().isoformat(),
        "request": request.model_dump(mode="json"),
        "splits": {split: {"recordings": count, "hours": round(hours, 6)} for split, (count, hours) in totals.items()},
        "left_out": plan.left_out(),
        "withdrawn": len(withdrawn),
    }
    write_text(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return len(withdrawn)


def _keep_as_previous(path: Path, before: Path) -> None:
    """Move the last plan aside: the new one reads from it which shards exist at the destination."""
    if path.exists():
        with Plan.opened(path) as plan:
            begun = plan.fact("planned")
        path.replace(before) if begun else path.unlink()


def _continues(path: Path, request: ExportRequest) -> bool:
    """Whether there is an unfinished plan of the same request."""
    if not path.exists():
        return False
    with Plan.opened(path) as plan:
        same = plan.fact("identity") == request.identity
        return bool(plan.fact("planned") and same and not plan.fact("finished"))


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    """Lock the state folder; the lock ends with the process, however that ends."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadRequest(f"another export is running in {state}") from error
        for left in state.glob("work-*"):
            shutil.rmtree(left)  # of an export that was killed
        yield
