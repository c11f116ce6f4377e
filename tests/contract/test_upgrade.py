"""What version 0.1.0 deployed is kept, renamed or left alone by the Terraform of today; nothing of it is destroyed.

`resources_of_0_1_0.txt` has the addresses in the states of both roots after that version was applied.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract import terraform as tf

DEPLOYED = [line.split(" ", 1) for line in (Path(__file__).parent / "resources_of_0_1_0.txt").read_text().splitlines()]


def listed(kind: str, folder: Path) -> Iterator[dict[str, Any]]:
    """The blocks without a label (moved, removed) of a root or module."""
    for path in sorted(folder.glob("*.tf")):
        yield from tf.parsed(path).get(kind, [])


def address(reference: str) -> str:
    return reference.removeprefix("${").removesuffix("}").replace('\\"', '"')


def without_keys(text: str) -> str:
    return re.sub(r"\[[^]]*\]", "", text)


def is_kept(folder: Path, text: str) -> bool:
    """Whether a root or module makes the resource of an address, by that address or by the one it was moved to."""
    for block in listed("moved", folder):
        if text == address(block["from"]) or without_keys(text) == address(block["from"]):
            return is_kept(folder, address(block["to"]))
    parts = without_keys(text).split(".")
    if parts[0] == "module":
        called = tf.blocks("module", folder).get(parts[1])
        return called is not None and is_kept(folder / called["source"], text.split(".", 2)[2])
    return any(
        parts[1] in named
        for path in folder.glob("*.tf")
        for block in tf.parsed(path).get("resource", [])
        for kind, named in block.items()
        if kind == parts[0]
    )


def is_left_alone(folder: Path, text: str) -> bool:
    """Whether the state forgets the resource and the cloud keeps it."""
    return any(
        address(block["from"]) == without_keys(text) and block["lifecycle"] == [{"destroy": False}]
        for block in listed("removed", folder)
    )


@pytest.mark.parametrize(("root", "deployed"), DEPLOYED, ids=[text for _, text in DEPLOYED])
def test_an_upgrade_from_0_1_0_destroys_nothing(root: str, deployed: str) -> None:
    folder = tf.ROOT / root
    assert is_kept(folder, deployed) or is_left_alone(folder, deployed)


def test_a_resource_that_no_file_names_would_be_destroyed() -> None:
    gone = "google_storage_bucket.of_another_time"
    assert not is_kept(tf.TERRAFORM, gone)
    assert not is_left_alone(tf.TERRAFORM, gone)
