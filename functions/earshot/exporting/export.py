"""An export from its question to its last paper."""

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
from earshot.exporting.croissant import describe
from earshot.exporting.dataset_card import card
from earshot.exporting.export_request import ExportRequest
from earshot.exporting.lhotse_nemo_manifests import MANIFESTS
from earshot.exporting.make_plan import adopt, fill
from earshot.exporting.pack_shard import pack
from earshot.exporting.plan_database import Placed, Plan
from earshot.exporting.types_and_protocols import AudioStore, Catalogue, Destination

MANIFEST = "manifest.json"

Progress = Callable[[str, int, int], None]
"""What is being done, how many of it are done, how many there are (0: not known)."""


@dataclass(frozen=True)
class Report:
    """What an export came to."""

    snapshot: str
    recordings: dict[str, tuple[int, float]]
    """Recordings and hours by split."""
    left_out: dict[str, int] = field(default_factory=dict)
    withdrawn: int = 0
    shards: int = 0
    shards_kept: int = 0
    """Shards that were in their place already."""
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
    progress: Progress = lambda _what, _done, _of: None,
) -> Report:
    """Write the export, or what is missing of it.

    The same request goes on where it was killed, with the rows as they were then; a finished one is asked anew, and
    only shards that differ are written. While `manifest.json` is absent the export is not complete.

    Args:
        state: a folder of this machine that stays with the destination: the plan, and shards on their way.

    Raises:
        BadRequest: the query cannot be exported, or another export to this place is at work.
        ComeAgain: the shelf, the warehouse or the destination fails; ask again.
    """
    path, before = state / "plan.sqlite", state / "before.sqlite"
    with ExitStack() as opened:
        opened.enter_context(_alone(state))
        work = Path(opened.enter_context(TemporaryDirectory(dir=state, prefix="work-")))
        resumed = _goes_on(path, request)
        if not resumed:
            _put_aside(path, before)
        plan = opened.enter_context(Plan.opened(path))
        if not resumed:
            selection = catalogue.select(request.sql, request.limit)
            fill(plan, request, selection, lambda done: progress("reading rows", done, 0))
            if before.exists():
                adopt(plan, before, destination)
            plan.note(planned=True)
        else:
            for _audio_id, gcp_url, _since, why in catalogue.withdrawn():
                plan.strike(gcp_url or "", why)
        shards = plan.shards()
        kept = sum(done for _shard, done in shards)
        if kept < len(shards):
            destination.delete(MANIFEST)  # from here on the place is a mixture of old and new
        counted = _Counter(plan, progress)
        columns = tuple(Column(*column) for column in plan.fact("columns"))
        for shard, done in shards:
            if not done:
                pack(
                    plan,
                    shard,
                    request,
                    columns,
                    store=store,
                    destination=destination,
                    work=work,
                    workers=workers,
                    progress=counted,
                )
        withdrawn = _papers(plan, request, catalogue, destination, work, now)
        plan.note(finished=True)
        before.unlink(missing_ok=True)
        return Report(
            snapshot=plan.fact("snapshot"),
            recordings=attribution_files.totals(plan),
            left_out=plan.left_out(),
            withdrawn=withdrawn,
            shards=len(shards),
            shards_kept=kept,
            resumed=resumed,
        )


class _Counter:
    """Recordings done, told one by one."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        ((self.total, self.done),) = plan.counts(
            "SELECT COUNT(*), COUNT(items.outcome) FROM items WHERE shard IS NOT NULL"
        )
        self.progress = progress
        progress("packing", self.done, self.total)

    def __call__(self, more: int) -> None:
        self.done += more
        self.progress("packing", self.done, self.total)


def _papers(
    plan: Plan,
    request: ExportRequest,
    catalogue: Catalogue,
    destination: Destination,
    work: Path,
    now: Callable[[], datetime],
) -> int:
    """Write all papers, the manifest last, and delete what an earlier export left; how many are withdrawn."""

    def put(name: str, text: str) -> Placed:
        (work / "paper").write_text(text, encoding="utf-8")
        return place(name)

    def place(name: str) -> Placed:
        placed = Placed.of(work / "paper", name)
        destination.put(work / "paper", name)
        return placed

    snapshot = plan.fact("snapshot")
    earlier = plan.traces() | set(attribution_files.named(destination))
    handed_out, listed = attribution_files.handed_out(destination)
    totals, bill = attribution_files.totals(plan), attribution_files.bill(plan)
    manifests = []
    if request.form in MANIFESTS:
        name, write = MANIFESTS[request.form]
        for split in totals:
            write(work / "paper", plan.kept(split))
            manifests.append(place(name.format(split=split)))
    withdrawn = attribution_files.withdrawn(catalogue, handed_out, listed)
    attribution_files.withdrawal_list(work / "paper", withdrawn)
    place(attribution_files.WITHDRAWN)
    for name in earlier - {placed.name for placed in plan.files()}:
        destination.delete(name)
    attribution_files.checksums(work / "paper", plan)
    place(attribution_files.CHECKSUMS)
    attribution_files.licences(work / "paper", plan)
    place(attribution_files.LICENCES)
    attribution_files.attribution(work / "paper", plan.kept())
    credit = place(attribution_files.ATTRIBUTION)
    packed = [placed for placed in plan.files() if not placed.name.startswith("audio/")] + manifests
    urls = sorted({url for _name, urls, *_ in bill for url in urls.split(",") if url} or {name for name, *_ in bill})
    put("croissant.json", json.dumps(describe(request, snapshot, urls, packed, credit), indent=2, ensure_ascii=False))
    put("README.md", card(request, snapshot, totals, bill, plan.left_out(), len(withdrawn)))
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
    put(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return len(withdrawn)


def _put_aside(path: Path, before: Path) -> None:
    """Make room for a new plan; the last one that was begun tells it which shards are in their place."""
    if path.exists():
        with Plan.opened(path) as plan:
            begun = plan.fact("planned")
        path.replace(before) if begun else path.unlink()


def _goes_on(path: Path, request: ExportRequest) -> bool:
    """There is a plan of this very request that has not been carried out to the end."""
    if not path.exists():
        return False
    with Plan.opened(path) as plan:
        same = plan.fact("identity") == request.identity
        return bool(plan.fact("planned") and same and not plan.fact("finished"))


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """The state folder as this process's own, until that ends, however it ends."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadRequest(f"another export is at work in {state}") from error
        for left in state.glob("work-*"):
            shutil.rmtree(left)  # of one that was killed
        yield
