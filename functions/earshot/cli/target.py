"""The target of a command: the running local stack, or a Google Cloud project."""

import functools
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import typer
from pydantic import Field, ValidationError
from rich.console import Console
from rich.markup import escape

from earshot.adapters import google_clients
from earshot.adapters.resend_notification import ObjectNotifications
from earshot.errors import EarshotError
from earshot.local.endpoints import AlreadyRunning, Endpoints, found, home_folder
from earshot.settings import FunctionSettings

if TYPE_CHECKING:
    from google.cloud.bigquery import Client as BigQueryClient
    from google.cloud.storage import Bucket

say = Console(stderr=True, highlight=False, soft_wrap=True)  # progress and messages; results go to standard output

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", envvar="EARSHOT_HOME", help="Folder of the local stack's state.", show_default=".earshot"
    ),
]
Cloud = Annotated[bool, typer.Option("--cloud", help="Work in the Google Cloud project that the environment names.")]

Params = ParamSpec("Params")
Result = TypeVar("Result")
Row = Mapping[str, Any]


class NoTarget(RuntimeError):
    """There is neither a running stack nor a project to work in."""


class CliSettings(FunctionSettings):
    """Settings of the command line: from the environment in the cloud, from the stack locally."""

    bucket: str = ""
    """Bucket of the audio; by default the name that Terraform gives it: PROJECT-earshot-audio."""
    dataset: str = "earshot"
    scraper_url: str = ""
    found_topic: str = "audio-found"
    stored_topic: str = "audio-stored"
    id_token: str = ""
    """Identity token for the scraper, for credentials that cannot make one."""
    poll_s: Annotated[float, Field(gt=0)] = 5.0
    """Seconds between two queries while waiting for rows."""


@dataclass(frozen=True)
class Target:
    """A project with its bucket and tables."""

    settings: CliSettings
    is_local: bool

    @property
    def name(self) -> str:
        """Name for messages."""
        return "the local stack" if self.is_local else f"project {self.settings.project}"

    @functools.cached_property
    def bigquery(self) -> "BigQueryClient":
        """The warehouse."""
        return google_clients.bigquery(self.settings.project)

    @functools.cached_property
    def bucket(self) -> "Bucket":
        """The bucket of the audio."""
        named = self.settings.bucket or f"{self.settings.project}-earshot-audio"
        return google_clients.storage(self.settings.project).bucket(named)

    @property
    def exports(self) -> str:
        """Prefix of exports to the audio bucket, which no function reads."""
        return f"gs://{self.bucket.name}/exports"

    def notifications(self) -> ObjectNotifications:
        """Publisher of object notifications for the analyser; use one per thread."""
        return ObjectNotifications(google_clients.publisher, self.settings.project, self.settings.stored_topic)

    def query(self, sql: str, **parameters: str | Sequence[str]) -> list[Row]:
        """Rows of a query in the dataset; parameters are strings or lists of strings."""
        from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter

        given = [
            ScalarQueryParameter(name, "STRING", value)
            if isinstance(value, str)
            else ArrayQueryParameter(name, "STRING", list(value))
            for name, value in parameters.items()
        ]
        dataset = f"{self.settings.project}.{self.settings.dataset}"
        config = QueryJobConfig(default_dataset=dataset, query_parameters=given)
        return [dict(row.items()) for row in self.bigquery.query(sql, job_config=config).result()]


@contextmanager
def at(data_dir: Path | None, cloud: bool) -> Iterator[Target]:
    """The target of a command, usable while the block runs.

    Raises:
        NoTarget: no stack is running, and the environment names no project.
    """
    home = home_folder(data_dir)
    running = None if cloud else found(home)
    if running:
        with of(running) as target:
            yield target
    elif os.environ.get("GOOGLE_CLOUD_PROJECT"):
        target = Target(CliSettings(), is_local=False)
        say.print(f"[dim]Working in {target.name}.")
        yield target
    elif cloud:
        raise NoTarget("--cloud needs GOOGLE_CLOUD_PROJECT in the environment")
    else:
        raise NoTarget(
            f"no stack is running in {home}. Start one with `earshot up`, or set GOOGLE_CLOUD_PROJECT and"
            " EARSHOT_SCRAPER_URL to work in the cloud."
        )


@contextmanager
def of(stack: Endpoints) -> Iterator[Target]:
    """The target that is this local stack."""
    with stack.applied():
        yield Target(CliSettings(poll_s=0.3), is_local=True)


def explained(command: Callable[Params, Result]) -> Callable[Params, Result]:
    """The command with expected errors reported as one sentence instead of a traceback; they exit with 1."""

    @functools.wraps(command)
    def wrapped(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        from google.api_core.exceptions import GoogleAPICallError, GoogleAPIError
        from google.auth.exceptions import GoogleAuthError
        from requests import RequestException

        from earshot.local.processes import ProcessFailed

        logging.basicConfig(level=logging.WARNING, format="%(message)s")
        try:
            return command(*args, **kwargs)
        except ValidationError as error:
            text = "; ".join(": ".join((*map(str, fault["loc"][:1]), fault["msg"])) for fault in error.errors())
        except (NoTarget, AlreadyRunning, ProcessFailed, EarshotError, OSError) as error:
            text = str(error)
        except GoogleAPICallError as error:
            text = f"{error.code} {str(error.message).split('; reason:')[0]}"  # the rest repeats it
        except (GoogleAPIError, GoogleAuthError, RequestException) as error:
            text = f"{type(error).__name__}: {error}"
        say.print(f"[red]earshot:[/] {escape(text)}")
        raise typer.Exit(1)

    return wrapped
