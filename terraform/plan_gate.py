"""Reads a plan (`terraform show -json`), prints what it changes, and refuses what would lose data.

Refused, unless ALLOW names it: every destroy and replacement, every dropped column, every move to another region.
ALLOW is `destroy`, which allows all of these, or `destroy:ADDRESS,ADDRESS`, which allows those of the named resources.
Called as `python3 plan_gate.py plan.json [summary.md]`; the exit status is 0 if the plan may be applied and 3 if not.
Standard library only: it runs where nothing is installed.
"""

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VERBS = {
    ("create",): "create",
    ("update",): "change",
    ("delete",): "destroy",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("forget",): "forget",
}
PLACES = ("location", "region")
HOLDING_DATA = (
    "google_storage_bucket",
    "google_bigquery_dataset",
    "google_bigquery_table",
    "google_pubsub_topic",
    "google_pubsub_subscription",
    "google_secret_manager_secret",
    "google_artifact_registry_repository",
    "google_firestore_database",
)


@dataclass
class Summary:
    """What a plan does: verb -> addresses; columns by table; reasons to refuse it, each with its address."""

    verbs: dict[str, list[str]] = field(default_factory=dict)
    added: dict[str, list[str]] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)
    reasons: list[tuple[str, str]] = field(default_factory=list)

    def refused(self, allow: str) -> list[str]:
        """The reasons that ALLOW does not cover."""
        if allow == "destroy":
            return []
        names = allow.removeprefix("destroy:").split(",") if allow.startswith("destroy:") else []
        return [reason for address, reason in self.reasons if address not in names]

    def as_markdown(self) -> str:
        """The summary, for a log or an artefact."""
        counts = ", ".join(
            f"{len(self.verbs.get(verb, []))} to {verb}" for verb in ("create", "change", "replace", "destroy")
        )
        lines = [f"# Plan: {counts}", ""]
        for verb in ("destroy", "replace", "forget", "create", "change"):
            lines += [f"* {verb} `{address}`" for address in self.verbs.get(verb, [])]
        for title, columns in (("added", self.added), ("dropped", self.dropped)):
            lines += [f"* columns {title} in `{table}`: {', '.join(names)}" for table, names in columns.items()]
        return "\n".join(lines) + "\n"


def summarise(plan: dict[str, Any]) -> Summary:
    """What the plan does, and what of it would lose data."""
    summary = Summary()
    for resource in plan.get("resource_changes", []):
        change, address = resource["change"], resource["address"]
        verb = VERBS.get(tuple(change["actions"]))
        if verb is None or resource.get("mode") == "data":
            continue
        summary.verbs.setdefault(verb, []).append(address)
        before, after = change.get("before") or {}, change.get("after") or {}
        moved = [
            key for key in PLACES if before.get(key) and after.get(key) and before[key].lower() != after[key].lower()
        ]
        if moved:
            key = moved[0]
            summary.reasons.append(
                (
                    address,
                    f"{address} would move from {before[key]} to {after[key]}: what holds data does not move. "
                    f'Set region = "{before[key].lower()}" in the environment\'s tfvars.',
                )
            )
        elif verb in ("destroy", "replace"):
            holding = " and what is in it" if resource["type"] in HOLDING_DATA and not _is_view(before) else ""
            deed = "destroyed" if verb == "destroy" else "destroyed and created anew"
            summary.reasons.append((address, f"{address} would be {deed}{holding}."))
        if resource["type"] == "google_bigquery_table" and verb == "change":
            old, new = _columns(before), _columns(after)
            if added := [name for name in new if name not in old]:
                summary.added[address] = added
            if new and (dropped := [name for name in old if name not in new]):
                summary.dropped[address] = dropped
                summary.reasons.append(
                    (address, f"{address} would lose the columns {', '.join(dropped)} and their values.")
                )
    return summary


def _is_view(values: dict[str, Any]) -> bool:
    return bool(values.get("view"))


def _columns(values: dict[str, Any]) -> list[str]:
    """Names of a table's columns; a view's schema follows from its query."""
    if _is_view(values) or not values.get("schema"):
        return []
    return [column["name"] for column in json.loads(values["schema"])]


def main(arguments: list[str]) -> int:
    """Print the summary, write it where asked, and say what is refused."""
    summary = summarise(json.loads(Path(arguments[0]).read_text()))
    text = summary.as_markdown()
    refused = summary.refused(os.environ.get("ALLOW", ""))
    if refused:
        text += "\nRefused, and nothing was applied:\n\n" + "\n".join(f"* {reason}" for reason in refused) + "\n"
        text += "\nTo go on all the same: ALLOW=destroy, or ALLOW=destroy:ADDRESS,… for single resources.\n"
    sys.stdout.write(text)
    if len(arguments) > 1:
        Path(arguments[1]).write_text(text)
    return 3 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
