"""Terraform's files as data, for the tests that hold them to the Python and SQL beside them."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hcl2

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "terraform"
FUNCTIONS = ("scraper", "downloader", "analyser", "tagger", "committer")
IMAGES = (*FUNCTIONS, "listener")  # the page is called by people, not by Pub/Sub


def plain(value: Any) -> Any:
    """A parsed value without the quotes and marks that the parser keeps."""
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items() if not str(key).startswith("__")}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"')
    return value


@cache
def parsed(path: Path) -> dict[str, Any]:
    with path.open() as file:
        kept: dict[str, Any] = plain(hcl2.load(file))
    return kept


def files() -> list[Path]:
    return sorted(path for path in TERRAFORM.rglob("*.tf") if ".terraform" not in path.parts)


def blocks(kind: str, folder: Path = TERRAFORM) -> dict[str, dict[str, Any]]:
    """Blocks with one label (variable, output, module) of one root or module, by that label."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.tf")):
        for block in parsed(path).get(kind, []):
            found |= block
    return found


def resources() -> Iterator[tuple[Path, str, str, dict[str, Any]]]:
    """File, type, name and body of every resource in both roots and the module."""
    for path in files():
        for block in parsed(path).get("resource", []):
            for kind, named in block.items():
                for name, body in named.items():
                    yield path, kind, name, body


def resource(kind: str, name: str) -> dict[str, Any]:
    return next(body for _, of, called, body in resources() if (of, called) == (kind, name))


def local(name: str, folder: Path = TERRAFORM) -> Any:
    return next(
        block[name] for path in sorted(folder.glob("*.tf")) for block in parsed(path).get("locals", []) if name in block
    )


def secrets(function: str) -> set[str]:
    """Environment variables of a function whose values are secrets; the parser leaves them in an expression."""
    return set(re.findall(r"\b([A-Z][A-Z0-9_]+) = \{", str(blocks("module")[function].get("secrets", ""))))
