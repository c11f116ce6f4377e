"""Writes the dataset card: README.md with the front matter that Hugging Face's hub and datasets read."""

import json
import re
from collections.abc import Mapping, Sequence

from earshot.exporting.export_request import ExportRequest, Form
from earshot.plurals import counted

SPDX = re.compile(r"[A-Za-z0-9.+-]+")  # the shape of an identifier
OPEN = {
    Form.PARQUET: 'import pyarrow.parquet as pq\n\ntable = pq.read_table("train-00000.parquet")  # column audio names files',  # noqa: E501
    Form.HF: 'from datasets import load_dataset\n\ndataset = load_dataset("path/to/this/folder")',
    Form.WEBDATASET: 'import webdataset as wds\n\ndataset = wds.WebDataset("train-00000.tar", shardshuffle=False).decode(wds.torch_audio)',  # noqa: E501
    Form.LHOTSE: 'from lhotse import CutSet\n\ncuts = CutSet.from_file("cuts_train.jsonl.gz").with_recording_path_prefix("path/to/this/folder")',  # noqa: E501
    Form.NEMO: "# manifest_train.jsonl is NeMo's manifest_filepath; audio_filepath is relative to the manifest",
}


def card(
    request: ExportRequest,
    snapshot: str,
    totals: Mapping[str, tuple[int, float]],
    licences: Sequence[tuple[str, str, int, float]],
    left_out: Mapping[str, int],
    withdrawn: int,
) -> str:
    """The card as Markdown."""
    recordings = sum(count for count, _ in totals.values())
    hours = sum(spent for _, spent in totals.values())
    audio = "as it was found"
    if request.transcode:
        rate = f"{request.rate_hz} Hz" if request.rate_hz else "each at its own rate"
        audio = f"recoded to {request.transcode}, mono, {'' if request.transcode.is_lossy else '16 bit, '}{rate}"
    shared = {"group": "copies of one recording", "author": "recordings of one author", "host": "one host"}
    lines = [
        *_front_matter(request, totals, licences),
        f"# {_plain(request.name)}",
        "",
        f"{counted(recordings, 'recording')}, {hours:.3f} hours, {audio};"
        f" selected by SQL at {snapshot} and written by earshot.",
        "",
        "| split | recordings | hours |",
        "|---|---|---|",
        *(f"| {split} | {count} | {spent:.3f} |" for split, (count, spent) in totals.items()),
        "",
        "A recording's split follows from a hash of what it shares with others"
        f" ({shared.get(request.split_by, request.split_by)}), so it never changes when more are added.",
        "",
        "## Open it",
        "",
        "```python",
        OPEN[request.form],
        "```",
        "",
        "`SHA256SUMS` holds the checksum of each file: `sha256sum --check SHA256SUMS`.",
        "",
        "## Rights",
        "",
        "As declared at the source, never guessed. `ATTRIBUTION.csv` names author, source and licence of each.",
        "",
        "| licence | recordings | hours |",
        "|---|---|---|",
        *(f"| {_plain(name)} | {count} | {spent:.3f} |" for name, _urls, count, spent in licences),
        "",
        _withdrawals(withdrawn),
        "",
        "## How it was selected",
        "",
        "```sql",
        request.sql.strip().replace("```", ""),
        "```",
        "",
    ]
    if left_out:
        lines += ["Selected by the query and left out:", "", "| reason | recordings |", "|---|---|"]
        lines += [f"| {reason} | {count} |" for reason, count in left_out.items()] + [""]
    return "\n".join(lines)


def _withdrawals(count: int) -> str:
    if not count:
        return "No recording of an earlier export to this destination has been withdrawn."
    return (
        f"**{counted(count, 'recording')} of earlier exports to this destination withdrawn**, and no longer in the"
        " files: `withdrawn.csv` lists them. Drop them from copies, and from models where you can."
    )


def _front_matter(
    request: ExportRequest, totals: Mapping[str, tuple[int, float]], licences: Sequence[tuple[str, str, int, float]]
) -> list[str]:
    """The YAML header; JSON strings are valid YAML strings."""
    names = [name for name, *_ in licences if name != "unknown" and SPDX.fullmatch(name)]
    single = names[0].lower() if len(names) == len(licences) == 1 else "other"
    lines = ["---", f"pretty_name: {json.dumps(request.name)}", f"license: {json.dumps(single)}"]
    if request.form is Form.HF:
        lines += ["configs:", "- config_name: default", "  data_files:"]
        for split in totals:
            lines += [f"  - split: {split}", f"    path: data/{split}-*.parquet"]
    return [*lines, "---", ""]


def _plain(text: str) -> str:
    """Text escaped so that it stays in its line and table cell."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
