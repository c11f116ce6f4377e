"""The papers of an export: whom to credit, under which licences, what was withdrawn, checksums."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from earshot.exporting.plan_database import Plan
from earshot.exporting.types_and_protocols import Catalogue, Destination, Sample

ATTRIBUTION, LICENCES, WITHDRAWN, CHECKSUMS = "ATTRIBUTION.csv", "licences.csv", "withdrawn.csv", "SHA256SUMS"

CREDIT = (
    *("key", "split", "file", "title", "author", "license", "license_url", "source_url", "page_url", "duration_s"),
    *("sample_rate_hz", "channels", "audio_id", "gcp_url", "generation"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
WITHDRAWN_COLUMNS = ("audio_id", "gcp_url", "withdrawn_at", "because")


def attribution(path: Path, samples: Iterable[Sample]) -> None:
    """One line a recording: what credit and removal need."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(CREDIT)
        for sample in samples:
            chosen = sample.chosen
            credit = (chosen.title, chosen.author, chosen.license or "unknown", chosen.license_url)
            came = (chosen.source_url, chosen.page_url, round(sample.duration_s, 6))
            form = (sample.sample_rate_hz, sample.channels, chosen.audio_id, chosen.gcp_url, chosen.generation)
            writer.writerow((sample.key, sample.split, sample.file, *map(cell, (*credit, *came)), *form))


def cell(value: str | float | None) -> str | float | None:
    """A cell of a CSV file; text that a spreadsheet would take for a formula gets a ' before it, as OWASP advises."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def bill(plan: Plan) -> list[tuple[str, str, int, float]]:
    """The licences: identifier, addresses of its text, recordings and hours; most hours first."""
    return [
        (licence, urls or "", count, hours)
        for licence, urls, count, hours in plan.counts(
            "SELECT license, GROUP_CONCAT(DISTINCT license_url), COUNT(*),"
            " SUM(1.0 * frames / sample_rate_hz) / 3600 AS hours FROM items WHERE outcome = 'kept'"
            " GROUP BY license ORDER BY hours DESC, license"
        )
    ]


def licences(path: Path, plan: Plan) -> None:
    """The licence bill of materials."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("license", "license_url", "recordings", "hours"))
        writer.writerows((cell(name), cell(urls), count, f"{hours:.6f}") for name, urls, count, hours in bill(plan))


def totals(plan: Plan) -> dict[str, tuple[int, float]]:
    """Recordings and hours by split."""
    sql = (
        "SELECT split, COUNT(*), SUM(1.0 * frames / sample_rate_hz) / 3600 FROM items WHERE outcome = 'kept'"
        " GROUP BY split ORDER BY split"
    )
    return {split: (count, hours) for split, count, hours in plan.counts(sql)}


def checksums(path: Path, plan: Plan) -> None:
    """All files of audio and rows, in the form that `sha256sum --check` reads."""
    with path.open("w", encoding="utf-8") as out:
        out.writelines(f"{placed.sha256}  {placed.name}\n" for placed in plan.files())


def named(destination: Destination) -> Iterator[str]:
    """Files of the export that is there already."""
    for line in (destination.read(CHECKSUMS) or b"").decode().splitlines():
        yield line.partition("  ")[2]


def handed_out(destination: Destination) -> tuple[dict[str, str], list[dict[str, str]]]:
    """gcp_url and audio_id of the recordings that the export there holds, and what it lists as withdrawn already."""
    text = (destination.read(ATTRIBUTION) or b"").decode()
    listed = (destination.read(WITHDRAWN) or b"").decode()
    held = {row["gcp_url"]: row["audio_id"] for row in csv.DictReader(io.StringIO(text))}
    return held, list(csv.DictReader(io.StringIO(listed)))


def withdrawn(
    catalogue: Catalogue, before: Mapping[str, str], listed: Iterable[dict[str, str]]
) -> list[dict[str, str]]:
    """What an earlier export here handed out and must no longer be used, with what was listed as such already.

    Args:
        before: audio_id by gcp_url.
    """
    found = {row["gcp_url"]: row for row in listed}
    places = {audio_id: gcp_url for gcp_url, audio_id in before.items()}
    for audio_id, told, since, why in catalogue.withdrawn():
        gcp_url = told or places.get(audio_id or "", "")  # a memory of which there is no row names no object
        if gcp_url in before:
            found[gcp_url] = dict(zip(WITHDRAWN_COLUMNS, (audio_id or "", gcp_url, since, why), strict=True))
    return [found[gcp_url] for gcp_url in sorted(found)]


def withdrawal_list(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """What whoever trained on an earlier export has to drop."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, WITHDRAWN_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
