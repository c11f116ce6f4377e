"""Options of pipelines; the pipelines themselves run where Apache Beam is installed."""

from importlib.util import find_spec

import pytest
from typer.testing import CliRunner

from earshot.cli import app
from earshot.errors import BadRequest
from earshot.pipelines.runner import Runner, RunnerOptions
from earshot.pipelines.working_folder import WorkingFolder

DATAFLOW = RunnerOptions(
    Runner.DATAFLOW,
    "project",
    region="europe-west3",
    temp="gs://bucket/temp/",
    image="image",
    account="pipelines@project.iam.gserviceaccount.com",
    most_workers=7,
)


@pytest.mark.skipif(find_spec("apache_beam") is not None, reason="Apache Beam is installed here")
@pytest.mark.parametrize("command", ["export --to corpus", "features"])
def test_without_beam_a_command_says_in_one_sentence_what_to_install(command):
    result = CliRunner().invoke(app, [*command.split(), "--runner", "direct"])
    assert result.exit_code == 1
    assert "pip install --requirement functions/pipelines/requirements.txt" in " ".join(result.output.split())


def test_dataflow_without_its_options_names_them():
    with pytest.raises(BadRequest, match="needs --region, --temp, --image, --account"):
        RunnerOptions(Runner.DATAFLOW, "project").check()


def test_dataflow_with_a_folder_of_this_machine_is_refused():
    options = RunnerOptions(Runner.DATAFLOW, "p", region="r", temp="folder", image="i", account="a")
    with pytest.raises(BadRequest, match="is no gs://"):
        options.check()


def test_workers_on_dataflow_have_the_account_the_image_and_a_bound():
    DATAFLOW.check()
    assert {
        "--service_account_email=pipelines@project.iam.gserviceaccount.com",
        "--sdk_container_image=image",
        "--max_num_workers=7",
        "--temp_location=gs://bucket/temp/dataflow",
        "--no_use_public_ips",
    } <= set(DATAFLOW.arguments)


@pytest.mark.parametrize(("processes", "mode"), [(1, "in_memory"), (3, "multi_processing")])
def test_processes_of_this_machine_choose_the_mode(processes, mode):
    options = RunnerOptions(Runner.DIRECT, "project", processes=processes)
    assert options.arguments == [f"--direct_running_mode={mode}", f"--direct_num_workers={processes}"]


def test_lines_of_a_working_folder_are_what_was_written(tmp_path):
    working = WorkingFolder(str(tmp_path / "new"), "project")
    assert working.read("done/a.jsonl") is None
    lines = [{"name": "Zwölf\u2028Zeilen\nhier"}, [1, None]]
    working.write("done/a.jsonl", lines)
    assert working.read("done/a.jsonl") == lines
    working.delete("done/a.jsonl")
    assert working.read("done/a.jsonl") is None
