"""The make targets for the cloud, run with stand-ins of gcloud and terraform that write down their arguments."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.contract.terraform import ROOT

TFVARS = 'project = "demo-project-1"\nregion  = "europe-north1"\n'
STAND_IN = """#!/bin/sh
printf '%s %s\\n' "$(basename "$0")" "$*" >> "$CALLS"
case "$*" in
  *"versions add"*) printf 'given: %s\\n' "$(cat)" >> "$CALLS";;
  *"output -json images"*) echo '{"analyser":"x@sha256:1"}';;
  *"output -json commit"*) test -n "$COMMITTED" || exit 1; echo '"0123456789ab"';;
  *"show -json"*) cat "$PLAN" 2>/dev/null || echo '{}';;
  *"storage buckets describe"*) test -n "$BUCKET" && exit 0; echo "$TROUBLE" >&2; exit 1;;
  *"storage objects describe"*default.tfstate*) test -n "$MIGRATED" && exit 0; echo "not found: 404" >&2; exit 1;;
  *"storage objects describe"*) test -n "$COPIED" && exit 0; echo "not found: 404" >&2; exit 1;;
  *"storage cp"*) echo '{"serial": 3}' > demo-project-1.tfstate;;
  *"apply -lock-timeout"*-state=*) echo '{"serial": 4}' > demo-project-1.tfstate;;
esac
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder with a deployment's configuration, and the two programs."""
    for name in ("gcloud", "terraform"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(STAND_IN)
        program.chmod(0o755)
    (tmp_path / "terraform" / "bootstrap").mkdir(parents=True)
    (tmp_path / "terraform" / "environments").mkdir()
    (tmp_path / "terraform" / "environments" / "prod.tfvars").write_text(TFVARS)
    for name in ("bootstrap/bootstrap.sh", "plan.sh", "running_release.sh", "revisions.sh", "plan_gate.py"):
        shutil.copy(ROOT / "terraform" / name, tmp_path / "terraform" / name)
    return tmp_path


def make(workspace: Path, *arguments: str, typed: str = "", **variables: str) -> tuple[int, str, list[str]]:
    """Exit status, output, and the command lines of the two programs."""
    calls = workspace / "calls"
    calls.write_text("")
    done = subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), *arguments],
        cwd=workspace,
        env={
            **os.environ,
            "PATH": f"{workspace / 'bin'}:{os.environ['PATH']}",
            "CALLS": str(calls),
            "MAKEFLAGS": "",
            "TROUBLE": "not found: 404",
            **variables,
        },
        input=typed,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, calls.read_text().splitlines()


@pytest.mark.parametrize(
    "target", ["bootstrap", "secret", "plan", "apply", "deploy", "rollback", "smoke", "logs", "destroy"]
)
def test_a_target_without_a_project_runs_nothing(workspace: Path, target: str) -> None:
    status, output, calls = make(workspace, target)
    assert status != 0
    assert "PROJECT=" in output
    assert calls == []


def test_the_first_bootstrap_begins_with_a_file_and_pushes_it_to_the_bucket(workspace: Path) -> None:
    status, output, calls = make(workspace, "bootstrap", "PROJECT=demo-project-1")
    assert status == 0, output
    verbs = [" ".join(line.split()[:3]) for line in calls if line.startswith("terraform")]
    assert verbs == ["terraform init -input=false", "terraform apply -lock-timeout=5m", "terraform init -input=false",
                     "terraform state push"]  # fmt: skip
    assert "-var=region=europe-north1 -var=env=prod" in next(line for line in calls if "apply" in line)
    assert not (workspace / "terraform/bootstrap/demo-project-1.tfstate").exists()
    assert (workspace / "terraform/bootstrap/demo-project-1.tfstate.pushed").exists()


def test_a_later_bootstrap_works_on_the_state_in_the_bucket(workspace: Path) -> None:
    status, output, calls = make(workspace, "bootstrap", "PROJECT=demo-project-1", BUCKET="1", MIGRATED="1")
    assert status == 0, output
    assert not [line for line in calls if "state push" in line or "storage cp" in line or "-state=" in line]
    assert "-backend-config=prefix=bootstrap" in next(line for line in calls if "init" in line)


def test_a_bootstrap_that_broke_off_goes_on_with_its_newer_file(workspace: Path) -> None:
    (workspace / "terraform/bootstrap/demo-project-1.tfstate").write_text('{"serial": 9}')
    status, output, calls = make(workspace, "bootstrap", "PROJECT=demo-project-1", BUCKET="1", COPIED="1")
    assert status == 0, output
    assert not [line for line in calls if "storage cp" in line]
    assert [line for line in calls if "state push" in line]


def test_the_copy_that_the_first_version_kept_is_taken_up_once(workspace: Path) -> None:
    status, output, calls = make(workspace, "bootstrap", "PROJECT=demo-project-1", BUCKET="1", COPIED="1")
    assert status == 0, output
    assert [line for line in calls if line.startswith("gcloud storage cp gs://demo-project-1-earshot-state/bootstrap/")]
    assert [line for line in calls if "state push" in line]


def test_a_network_error_is_not_taken_for_an_empty_project(workspace: Path) -> None:
    status, output, calls = make(workspace, "bootstrap", "PROJECT=demo-project-1", TROUBLE="connection timed out")
    assert status != 0
    assert "connection timed out" in output
    assert not [line for line in calls if line.startswith("terraform")]


def test_a_key_is_passed_on_standard_input_where_no_process_list_shows_it(workspace: Path) -> None:
    status, output, calls = make(workspace, "secret", "PROJECT=demo-project-1", typed="the key\n")
    assert status == 0, output
    assert "given: the key" in calls
    assert "the key" not in output
    assert not [line for line in calls if line.startswith("gcloud") and "the key" in line]


def test_deploy_tests_and_builds_first_and_deploys_the_same_release(workspace: Path) -> None:
    status, output, calls = make(workspace, "deploy", "PROJECT=demo-project-1", "RELEASE=r1", "COMMIT=c1")
    assert status == 0, output
    assert [line.split("--config=")[1].split()[0] for line in calls] == ["cloudbuild.yaml", "cloudbuild.deploy.yaml"]
    assert all(
        line.startswith("gcloud beta builds submit --project=demo-project-1 --region=europe-north1") for line in calls
    )
    assert "--substitutions=_REGION=europe-north1,_RELEASE=r1,_COMMIT=c1" in calls[0]
    assert "--substitutions=_REGION=europe-north1,_RELEASE=r1,_ENV=prod,_ALLOW= " in calls[1]


def test_deploy_without_configuration_prints_how_to_write_one(workspace: Path) -> None:
    status, output, calls = make(workspace, "deploy", "PROJECT=demo-project-1", "ENV=staging")
    assert status != 0
    assert "cp terraform/environments/example.tfvars terraform/environments/staging.tfvars" in output
    assert calls == []


def test_the_configuration_of_another_project_is_refused(workspace: Path) -> None:
    status, output, calls = make(workspace, "deploy", "PROJECT=demo-project-2")
    assert (status != 0, calls) == (True, [])
    assert "is not of demo-project-2" in output


def test_a_region_on_the_command_line_cannot_move_a_deployment(workspace: Path) -> None:
    status, output, calls = make(workspace, "deploy", "PROJECT=demo-project-1", "REGION=us-central1")
    assert (status != 0, calls) == (True, [])
    assert "leave REGION out" in output


def test_a_plan_is_kept_with_its_summary_and_applied_once(workspace: Path) -> None:
    status, output, calls = make(workspace, "plan", "PROJECT=demo-project-1")
    assert status == 0, output
    assert "0 to create, 0 to change, 0 to replace, 0 to destroy" in output
    assert {path.name for path in (workspace / ".earshot/plan/prod").iterdir()} == {
        "plan.txt",
        "plan.json",
        "summary.md",
    }
    (workspace / ".earshot/plan/prod/plan.tfplan").touch()
    status, output, calls = make(workspace, "apply", "PROJECT=demo-project-1")
    assert status == 0, output
    assert calls == ["terraform -chdir=terraform apply -lock-timeout=5m ../.earshot/plan/prod/plan.tfplan"]
    assert make(workspace, "apply", "PROJECT=demo-project-1")[0] != 0


def test_a_plan_that_destroys_is_refused_until_it_is_allowed_by_name(workspace: Path) -> None:
    change = {"actions": ["delete"], "before": {"name": "x"}, "after": None}
    plan = {
        "resource_changes": [
            {"address": "google_storage_bucket.audio", "type": "google_storage_bucket", "change": change}
        ]
    }
    (workspace / "plan.json").write_text(json.dumps(plan))
    status, output, _ = make(workspace, "plan", "PROJECT=demo-project-1", PLAN=str(workspace / "plan.json"))
    assert status != 0
    assert "google_storage_bucket.audio would be destroyed and what is in it." in output
    allowed = make(workspace, "plan", "PROJECT=demo-project-1", "ALLOW=destroy", PLAN=str(workspace / "plan.json"))
    assert allowed[0] == 0, allowed[1]


def test_a_rollback_names_the_revision_and_finds_its_service(workspace: Path) -> None:
    status, output, calls = make(workspace, "rollback", "PROJECT=demo-project-1", "REVISION=analyser-00012-abc")
    assert status == 0, output
    assert calls == [
        "gcloud run services update-traffic analyser --project=demo-project-1 --region=europe-north1"
        " --to-revisions=analyser-00012-abc=100"
    ]


def test_destroy_stops_at_another_project_s_name(workspace: Path) -> None:
    status, _, calls = make(workspace, "destroy", "PROJECT=demo-project-1", typed="demo-project-2\n")
    assert status != 0
    assert calls == []


def test_destroy_ends_the_protection_before_it_destroys(workspace: Path) -> None:
    status, output, calls = make(workspace, "destroy", "PROJECT=demo-project-1", typed="demo-project-1\n")
    assert status == 0, output
    assert "EVERY FILE" in output
    verbs = [next(word for word in line.split()[1:] if not word.startswith("-")) for line in calls]
    assert verbs == ["init", "output", "output", "apply", "destroy"]
    assert "-var=deletion_protection=false -var=soft_delete_days=0" in calls[3]
    assert running(workspace) == {"images": {"analyser": "x@sha256:1"}, "commit": "unknown"}


def test_a_plan_keeps_the_images_that_run_and_their_commit(workspace: Path) -> None:
    status, output, _ = make(workspace, "plan", "PROJECT=demo-project-1", COMMITTED="yes")
    assert status == 0, output
    assert running(workspace) == {"images": {"analyser": "x@sha256:1"}, "commit": "0123456789ab"}


def running(workspace: Path) -> object:
    """What the plan deploys: the file that Terraform reads by its name."""
    return json.loads((workspace / "terraform" / "images.auto.tfvars.json").read_text())
