"""Where a command works: the stack that runs in the state folder, or the project that the environment names."""

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

say = Console(
    stderr=True, highlight=False, soft_wrap=True
)  # progress and remarks; what was asked for goes to standard output

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", envvar="EARSHOT_HOME", help="Folder of the local state.", show_default=".earshot"),
]
Cloud = Annotated[bool, typer.Option("--cloud", help="Work in the Google Cloud project that the environment names.")]

Params = ParamSpec("Params")
Result = TypeVar("Result")
Row = Mapping[str, Any]


class NoTarget(RuntimeError):
    """Neither a running stack nor a project to work in."""


class CliSettings(FunctionSettings):
    """What a person's command is told; in the cloud by the environment, locally by the stack."""

    bucket: str = ""
    """Of the shelf; without it, the name that Terraform gives: PROJECT-earshot-audio."""
    dataset: str = "earshot"
    scraper_url: str = ""
    found_topic: str = "audio-found"
    stored_topic: str = "audio-stored"
    id_token: str = ""
    """To call the scraper with, for those whose credentials cannot make one."""
    poll_s: Annotated[float, Field(gt=0)] = 5.0
    """Pause between two looks at the tables while waiting."""


@dataclass(frozen=True)
class Target:
    """A project, its shelf and its tables."""

    settings: CliSettings
    is_local: bool

    @property
    def name(self) -> str:
        """To show."""
        return "the local stack" if self.is_local else f"project {self.settings.project}"

    @functools.cached_property
    def bigquery(self) -> "BigQueryClient":
        """The warehouse."""
        return google_clients.bigquery(self.settings.project)

    @functools.cached_property
    def bucket(self) -> "Bucket":
        """The shelf."""
        named = self.settings.bucket or f"{self.settings.project}-earshot-audio"
        return google_clients.storage(self.settings.project).bucket(named)

    @property
    def exports(self) -> str:
        """Where exports to the shelf's own bucket lie, out of the rooms' way."""
        return f"gs://{self.bucket.name}/exports"

    def notifications(self) -> ObjectNotifications:
        """Where the analyser hears of objects; one for each thread that tells."""
        return ObjectNotifications(google_clients.publisher, self.settings.project, self.settings.stored_topic)

    def query(self, sql: str, **parameters: str | Sequence[str]) -> list[Row]:
        """Rows of a query in the dataset; parameters are texts or lists of texts."""
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
    """The place to work in, for as long as the block lasts.

    Raises:
        NoTarget: no stack runs, and the environment names no project.
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
            f"no stack runs in {home}. Start one with `earshot up`, or set GOOGLE_CLOUD_PROJECT and EARSHOT_SCRAPER_URL"
            " to work in the cloud."
        )


@contextmanager
def of(stack: Endpoints) -> Iterator[Target]:
    """The place that is this stack."""
    with stack.applied():
        yield Target(CliSettings(poll_s=0.3), is_local=True)


def explained(command: Callable[Params, Result]) -> Callable[Params, Result]:
    """The command, its foreseeable failures told in a sentence instead of a traceback; they exit with 1."""

    @functools.wraps(command)
    def told(*args: Params.args, **kwargs: Params.kwargs) -> Result:
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
            text = f"{error.code} {str(error.message).split('; reason:')[0]}"  # the rest says it again
        except (GoogleAPIError, GoogleAuthError, RequestException) as error:
            text = f"{type(error).__name__}: {error}"
        say.print(f"[red]earshot:[/] {escape(text)}")
        raise typer.Exit(1)

    return told
