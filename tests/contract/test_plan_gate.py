"""The gate before an apply: plans that lose data are refused with a sentence, unless ALLOW names what may go."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.terraform import TERRAFORM

sys.path.insert(0, str(TERRAFORM))

from plan_gate import main, summarise


def change(address: str, actions: list[str], before: Any, after: Any) -> dict[str, Any]:
    kind = address.rsplit(".", 2)[-2]
    return {"address": address, "type": kind, "change": {"actions": actions, "before": before, "after": after}}


def plan(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"resource_changes": list(changes)}


def table(*names: str) -> dict[str, Any]:
    return {"schema": json.dumps([{"name": name, "type": "STRING"} for name in names]), "view": []}


TABLE = 'module.table["refusals"].google_bigquery_table.table'
BUCKET = "google_storage_bucket.audio"
DROPS = plan(change(TABLE, ["update"], table("gcp_url", "reason", "added_by_a_user"), table("gcp_url", "reason")))
MOVES = plan(
    change(BUCKET, ["delete", "create"], {"location": "EUROPE-WEST1"}, {"location": "us-central1"}),
)


def test_a_plan_that_only_adds_is_accepted() -> None:
    summary = summarise(
        plan(
            change(BUCKET, ["create"], None, {"location": "europe-west1"}),
            change(TABLE, ["update"], table("gcp_url"), table("gcp_url", "reason")),
            change("google_pubsub_topic.audio_found", ["no-op"], {}, {}),
        )
    )
    assert summary.refused("") == []
    assert "1 to create, 1 to change, 0 to replace, 0 to destroy" in summary.as_markdown()
    assert summary.added == {TABLE: ["reason"]}


def test_a_plan_that_drops_a_column_is_refused() -> None:
    assert summarise(DROPS).refused("") == [f"{TABLE} would lose the columns added_by_a_user and their values."]


def test_a_plan_that_moves_to_another_region_is_refused_with_the_remedy() -> None:
    (reason,) = summarise(MOVES).refused("")
    assert f"{BUCKET} would move from EUROPE-WEST1 to us-central1" in reason
    assert 'Set region = "europe-west1"' in reason


def test_the_spelling_of_a_location_is_no_move() -> None:
    same = plan(change(BUCKET, ["update"], {"location": "EUROPE-WEST1"}, {"location": "europe-west1"}))
    assert summarise(same).refused("") == []


def test_a_destroy_of_what_holds_data_says_so() -> None:
    gone = plan(change(TABLE, ["delete"], table("gcp_url"), None))
    assert summarise(gone).refused("") == [f"{TABLE} would be destroyed and what is in it."]


def test_a_view_holds_no_data_but_is_not_destroyed_silently() -> None:
    view = "module.view_audio_info.google_bigquery_table.view"
    gone = plan(change(view, ["delete"], {"view": [{"query": "SELECT 1"}]}, None))
    assert summarise(gone).refused("") == [f"{view} would be destroyed."]


@pytest.mark.parametrize(
    ("allow", "refused"),
    [("", 2), ("destroy", 0), (f"destroy:{TABLE}", 1), (f"destroy:{TABLE},{BUCKET}", 0), ("yes", 2)],
)
def test_allow_names_what_may_go(allow: str, refused: int) -> None:
    both = plan(*DROPS["resource_changes"], *MOVES["resource_changes"])
    assert len(summarise(both).refused(allow)) == refused


def test_the_status_and_the_kept_summary_say_what_the_gate_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ALLOW", raising=False)
    (tmp_path / "plan.json").write_text(json.dumps(DROPS))
    assert main([str(tmp_path / "plan.json"), str(tmp_path / "summary.md")]) == 3
    assert "nothing was applied" in (tmp_path / "summary.md").read_text()
    assert capsys.readouterr().out == (tmp_path / "summary.md").read_text()
    monkeypatch.setenv("ALLOW", "destroy")
    assert main([str(tmp_path / "plan.json")]) == 0
