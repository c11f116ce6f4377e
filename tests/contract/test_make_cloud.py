"""The make targets for the cloud, run with stand-ins of gcloud and terraform that write down their arguments."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.contract.terraform import ROOT

STAND_IN = """#!/bin/sh
printf '%s %s\\n' "$(basename "$0")" "$*" >> "$CALLS"
case "$*" in
  *"versions add"*) printf 'given: %s\\n' "$(cat)" >> "$CALLS";;
  *"output -json images"*) echo '{"analyser":"x@sha256:1"}';;
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
    (tmp_path / "terraform" / "terraform.tfvars").write_text("")
    return tmp_path


def make(workspace: Path, *arguments: str, typed: str = "") -> tuple[int, str, list[str]]:
    """Exit status, output, and the command lines of the two programs."""
    calls = workspace / "calls"
    calls.write_text("")
    done = subprocess.run(
        ["make", "-f", str(ROOT / "Makefile"), *arguments],
        cwd=workspace,
        env={**os.environ, "PATH": f"{workspace / 'bin'}:{os.environ['PATH']}", "CALLS": str(calls), "MAKEFLAGS": ""},
        input=typed,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, calls.read_text().splitlines()


@pytest.mark.parametrize("target", ["bootstrap", "secret", "deploy", "smoke", "logs", "destroy"])
def test_a_target_without_a_project_runs_nothing(workspace: Path, target: str) -> None:
    status, output, calls = make(workspace, target)
    assert status != 0
    assert "PROJECT=" in output
    assert calls == []


def test_bootstrap_applies_with_a_state_of_the_project_and_keeps_a_copy(workspace: Path) -> None:
    status, output, calls = make(workspace, "bootstrap", "PROJECT=demo-project-1", "REGION=europe-north1")
    assert status == 0, output
    assert calls[-2:] == [
        "terraform -chdir=terraform/bootstrap apply -state=demo-project-1.tfstate"
        " -var=project=demo-project-1 -var=region=europe-north1",
        "gcloud storage cp terraform/bootstrap/demo-project-1.tfstate gs://demo-project-1-earshot-state/bootstrap/",
    ]


def test_a_key_is_passed_on_standard_input_where_no_process_list_shows_it(workspace: Path) -> None:
    status, output, calls = make(workspace, "secret", "PROJECT=demo-project-1", typed="the key\n")
    assert status == 0, output
    assert "given: the key" in calls
    assert "the key" not in output
    assert not [line for line in calls if line.startswith("gcloud") and "the key" in line]


def test_deploy_submits_the_build_as_configured(workspace: Path) -> None:
    status, output, calls = make(workspace, "deploy", "PROJECT=demo-project-1")
    assert status == 0, output
    assert len(calls) == 1
    assert calls[0].startswith(
        "gcloud builds submit --project=demo-project-1 --region=europe-west1 --config=cloudbuild.yaml"
    )
    assert "--substitutions=_REGION=europe-west1" in calls[0]


def test_deploy_without_configuration_says_how_to_write_one(workspace: Path) -> None:
    (workspace / "terraform" / "terraform.tfvars").unlink()
    status, output, calls = make(workspace, "deploy", "PROJECT=demo-project-1")
    assert status != 0
    assert "terraform.tfvars.example" in output
    assert calls == []


def test_destroy_stops_at_another_project_s_name(workspace: Path) -> None:
    status, _, calls = make(workspace, "destroy", "PROJECT=demo-project-1", typed="demo-project-2\n")
    assert status != 0
    assert calls == []


def test_destroy_ends_the_protection_before_it_destroys(workspace: Path) -> None:
    status, output, calls = make(workspace, "destroy", "PROJECT=demo-project-1", typed="demo-project-1\n")
    assert status == 0, output
    assert "EVERY FILE" in output
    verbs = [line.split()[2] for line in calls]
    assert verbs == ["init", "output", "apply", "destroy"]
    assert "-var=deletion_protection=false" in calls[2]
    assert (
        workspace / "terraform" / "images.auto.tfvars.json"
    ).read_text() == '{"images": {"analyser":"x@sha256:1"}}\n'
