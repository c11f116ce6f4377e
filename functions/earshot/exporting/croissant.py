"""Describes the export in Croissant, the vocabulary of MLCommons: croissant.json, JSON-LD by Croissant 1.0.

Its record set reads ATTRIBUTION.csv, which every export format has; the packed files are listed as file objects.
"""

from collections.abc import Sequence
from typing import Any

from earshot.exporting.attribution_files import ATTRIBUTION, CREDIT
from earshot.exporting.export_request import ExportRequest
from earshot.exporting.plan_database import Placed

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
TYPES = {"duration_s": "sc:Float", "sample_rate_hz": "sc:Integer", "channels": "sc:Integer"}
MEANINGS = {
    "key": "Name of the recording in this export.",
    "split": "train, validation or test.",
    "file": "File that holds the audio, relative to this one.",
    "title": "Title given by the source.",
    "author": "Declared author.",
    "license": "SPDX identifier of the declared licence, or unknown.",
    "license_url": "Address of the declared licence.",
    "source_url": "URL of the download.",
    "page_url": "Page on which the link was found.",
    "duration_s": "Duration in seconds of the exported audio.",
    "sample_rate_hz": "Sample rate in Hz of the exported audio.",
    "channels": "Channels of the exported audio.",
    "audio_id": "Identity: SHA-256 over the canonical source URL, 32 hex digits.",
    "gcp_url": "Object that the audio was taken from.",
    "generation": "Its generation.",
}
ENCODINGS = {".parquet": "application/vnd.apache.parquet", ".tar": "application/x-tar", ".csv": "text/csv"}


def describe(
    request: ExportRequest, snapshot: str, licences: Sequence[str], files: Sequence[Placed], credit: Placed
) -> dict[str, Any]:
    """The JSON-LD document.

    Args:
        licences: addresses of the licences where known, else their identifiers.
        files: packed files, without audio in files of its own.
        credit: ATTRIBUTION.csv.
    """
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": request.name,
        "description": f"Recordings selected by SQL at {snapshot}. {request.sql.strip()}",
        "datePublished": snapshot,
        "version": f"{snapshot[:10].replace('-', '.')}",
        "license": list(licences) or "unknown",
        "url": ".",
        "creator": {"@type": "sc:Organization", "name": "the authors named in ATTRIBUTION.csv"},
        "citeAs": f"{request.name}, {snapshot[:10]}",
        "distribution": [_file(placed) for placed in (credit, *files)],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "recordings",
                "name": "recordings",
                "description": "One record a recording.",
                "key": {"@id": "recordings/key"},
                "field": [_field(name) for name in CREDIT],
            }
        ],
    }


def _file(placed: Placed) -> dict[str, Any]:
    ending = placed.name[placed.name.rfind(".") :]
    return {
        "@type": "cr:FileObject",
        "@id": placed.name,
        "name": placed.name,
        "contentUrl": placed.name,
        "contentSize": f"{placed.bytes} B",
        "encodingFormat": ENCODINGS.get(ending, "application/jsonlines"),
        "sha256": placed.sha256,
    }


def _field(name: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"recordings/{name}",
        "name": name,
        "description": MEANINGS[name],
        "dataType": TYPES.get(name, "sc:Text"),
        "source": {"fileObject": {"@id": ATTRIBUTION}, "extract": {"column": name}},
    }
