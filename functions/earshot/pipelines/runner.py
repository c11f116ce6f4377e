"""Runs a pipeline on this machine or on Dataflow, and waits for its end."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from typing import Any

from earshot.errors import BadRequest, ComeAgain

MISSING = (
    "apache-beam is not installed, on which --runner works:"
    " pip install --requirement functions/pipelines/requirements.txt, in an environment of its own"
)


class Runner(StrEnum):
    """Where a pipeline runs."""

    DIRECT = "direct"
    """On this machine."""
    DATAFLOW = "dataflow"
    """In the project, on as many workers as there is work for."""


def require_beam(runner: Runner | None) -> None:
    """Return if no runner is wanted, or Beam is installed.

    Raises:
        BadRequest: it is not; the message names what to install.
    """
    if runner is not None and find_spec("apache_beam") is None:
        raise BadRequest(MISSING)


@dataclass(frozen=True)
class RunnerOptions:
    """How a pipeline runs. What only Dataflow needs is empty for `direct`."""

    runner: Runner
    project: str
    processes: int = 1
    """Worker processes of `direct`; with 1, all is done in this process."""
    region: str = ""
    temp: str = ""
    """gs://… for what Dataflow stages, and for the working folder."""
    image: str = ""
    """Container image of the workers: that of functions/pipelines/Dockerfile."""
    account: str = ""
    """Service account of the workers."""
    most_workers: int = 20
    """Largest number of machines; Dataflow adds and removes them as the work needs."""

    def check(self) -> None:
        """Refuse options with which no pipeline can run.

        Raises:
            BadRequest: Dataflow lacks an option.
        """
        if self.runner is not Runner.DATAFLOW:
            return
        needed = {"region": self.region, "temp": self.temp, "image": self.image, "account": self.account}
        missing = [f"--{name}" for name, value in needed.items() if not value]
        if missing:
            raise BadRequest(f"--runner dataflow needs {', '.join(missing)}; docs/export.md says which")
        if not self.temp.startswith("gs://"):
            raise BadRequest(f"--temp {self.temp} is no gs://… address, which the workers on Dataflow can reach")

    @property
    def arguments(self) -> list[str]:
        """As Beam's command line takes them."""
        if self.runner is Runner.DIRECT:
            mode = "multi_processing" if self.processes > 1 else "in_memory"
            return [f"--direct_running_mode={mode}", f"--direct_num_workers={self.processes}"]
        return [
            f"--project={self.project}",
            f"--region={self.region}",
            f"--temp_location={self.temp.rstrip('/')}/dataflow",
            f"--staging_location={self.temp.rstrip('/')}/dataflow",
            f"--sdk_container_image={self.image}",
            f"--service_account_email={self.account}",
            f"--max_num_workers={self.most_workers}",
            "--autoscaling_algorithm=THROUGHPUT_BASED",
            "--experiments=use_runner_v2",
            "--sdk_location=container",  # the image has Beam and the package: nothing is staged
            "--no_use_public_ips",
        ]


def run(options: RunnerOptions, build: Callable[[Any], None]) -> None:
    """Build a pipeline, run it, and return when all of it is done.

    Args:
        build: adds the steps to the `apache_beam.Pipeline` that it is given.

    Raises:
        ComeAgain: the pipeline failed; what it has finished stays, and the same request continues from there.
    """
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner

    # By its class, since the name DirectRunner stands for another runner where a downloaded program is at hand.
    where: Any = FnApiRunner() if options.runner is Runner.DIRECT else "DataflowRunner"
    pipeline = beam.Pipeline(runner=where, options=PipelineOptions(options.arguments))
    try:
        build(pipeline)
        state = pipeline.run().wait_until_finish()
    except Exception as error:  # whatever a step raised, as the runner wraps it
        raise ComeAgain(f"the pipeline failed: {error}") from error
    if state not in (None, "DONE"):
        raise ComeAgain(f"the pipeline ended as {state}")
