"""The attribution files of an export: credits, licences, withdrawn recordings, checksums."""

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
    """Write ATTRIBUTION.csv: one line per recording with what credit and removal need."""
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


def licence_totals(plan: Plan) -> list[tuple[str, str, int, float]]:
    """Licence identifier, addresses of its text, recordings and hours; most hours first."""
    return [
        (licence, urls or "", count, hours)
        for licence, urls, count, hours in plan.counts(
            "SELECT license, GROUP_CONCAT(DISTINCT license_url), COUNT(*),"
            " SUM(1.0 * frames / sample_rate_hz) / 3600 AS hours FROM items WHERE outcome = 'kept'"
            " GROUP BY license ORDER BY hours DESC, license"
        )
    ]


def licences(path: Path, plan: Plan) -> None:
    """Write licences.csv: recordings and hours by licence."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("license", "license_url", "recordings", "hours"))
        writer.writerows(
            (cell(name), cell(urls), count, f"{hours:.6f}") for name, urls, count, hours in licence_totals(plan)
        )


def split_totals(plan: Plan) -> dict[str, tuple[int, float]]:
    """Recordings and hours by split."""
    sql = (
        "SELECT split, COUNT(*), SUM(1.0 * frames / sample_rate_hz) / 3600 FROM items WHERE outcome = 'kept'"
        " GROUP BY split ORDER BY split"
    )
    return {split: (count, hours) for split, count, hours in plan.counts(sql)}


def checksums(path: Path, plan: Plan) -> None:
    """Write SHA256SUMS of all data files, in the form that `sha256sum --check` reads."""
    with path.open("w", encoding="utf-8") as out:
        out.writelines(f"{placed.sha256}  {placed.name}\n" for placed in plan.files())


def existing_files(destination: Destination) -> Iterator[str]:
    """Names of the data files of an export that exists at the destination."""
    for line in (destination.read(CHECKSUMS) or b"").decode().splitlines():
        yield line.partition("  ")[2]


def earlier_export(destination: Destination) -> tuple[dict[str, str], list[dict[str, str]]]:
    """gcp_url and audio_id of the recordings in the export at the destination, and its list of withdrawn ones."""
    text = (destination.read(ATTRIBUTION) or b"").decode()
    listed = (destination.read(WITHDRAWN) or b"").decode()
    held = {row["gcp_url"]: row["audio_id"] for row in csv.DictReader(io.StringIO(text))}
    return held, list(csv.DictReader(io.StringIO(listed)))


def withdrawn(
    catalogue: Catalogue, before: Mapping[str, str], listed: Iterable[dict[str, str]]
) -> list[dict[str, str]]:
    """Recordings of earlier exports to this destination that were withdrawn since, with those already listed.

    Args:
        before: audio_id by gcp_url.
    """
    found = {row["gcp_url"]: row for row in listed}
    urls = {audio_id: gcp_url for gcp_url, audio_id in before.items()}
    for audio_id, known_url, since, why in catalogue.withdrawn():
        gcp_url = known_url or urls.get(audio_id or "", "")  # a refusal without a row has no gcp_url
        if gcp_url in before:
            found[gcp_url] = dict(zip(WITHDRAWN_COLUMNS, (audio_id or "", gcp_url, since, why), strict=True))
    return [found[gcp_url] for gcp_url in sorted(found)]


def withdrawal_list(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write withdrawn.csv: what users of an earlier export have to drop."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, WITHDRAWN_COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
