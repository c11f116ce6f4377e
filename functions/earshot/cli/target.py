"""The target of a command: the running local stack, or a Google Cloud project."""

import functools
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar
from urllib.parse import urlsplit

import typer
from pydantic import Field, ValidationError
from rich.console import Console
from rich.markup import escape

from earshot.adapters import google_clients
from earshot.adapters.resend_notification import ObjectNotifications
from earshot.cli.row_formats import Row, printable
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
        "--data-dir",
        envvar="EARSHOT_HOME",
        metavar="FOLDER",
        help="Folder of the local stack's state.",
        show_default=".earshot",
    ),
]
Cloud = Annotated[
    bool,
    typer.Option(
        "--cloud",
        help="Work in the project GOOGLE_CLOUD_PROJECT instead of the local stack; EARSHOT_TARGET=cloud does too.",
    ),
]

EXTRAS = {"sqlalchemy": "exporter", "pyarrow": "exporter", "soxr": "exporter", "librosa": "features"}
"""The extra that brings a package which the environment of the demo may lack."""

Params = ParamSpec("Params")
Result = TypeVar("Result")


class NoTarget(RuntimeError):
    """There is neither a running stack nor a project to work in."""


class CliSettings(FunctionSettings):
    """Settings of the command line: from the environment in the cloud, from the stack locally."""

    bucket: str = ""
    """Bucket of the audio; by default the name that Terraform gives it: PROJECT-earshot-audio."""
    dataset: str = "earshot"
    """Dataset of the tables."""
    scraper_url: str = ""
    """Address of the scraper, as `terraform output` names it."""
    found_topic: str = "audio-found"
    """Topic of the links to download."""
    stored_topic: str = "audio-stored"
    """Topic of the bucket's notifications."""
    rows_topic: str = "rows"
    """Topic of the rows to write."""
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

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask before a change in the cloud, naming the project; the local stack is changed without a question.

        Raises:
            typer.Abort: the answer is no.
        """
        if not self.is_local and not yes:
            typer.confirm(f"{question} in {self.name}?", abort=True, err=True)

    def notifications(self) -> ObjectNotifications:
        """Publisher of object notifications for the analyser; use one per thread."""
        return ObjectNotifications(google_clients.publisher, self.settings.project, self.settings.stored_topic)

    def query(self, sql: str, **parameters: str | Sequence[str]) -> list[Row]:
        """Rows of a query in the dataset; parameters are strings or lists of strings."""
        from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter

        from earshot.adapters.bigquery_jobs import REQUEST_S

        given = [
            ScalarQueryParameter(name, "STRING", value)
            if isinstance(value, str)
            else ArrayQueryParameter(name, "STRING", list(value))
            for name, value in parameters.items()
        ]
        dataset = f"{self.settings.project}.{self.settings.dataset}"
        config = QueryJobConfig(default_dataset=dataset, query_parameters=given)
        return [dict(row.items()) for row in self.bigquery.query(sql, job_config=config, timeout=REQUEST_S).result()]


def in_cloud(cloud: bool) -> bool:
    """Whether a command works in the cloud: by --cloud or by EARSHOT_TARGET=cloud, and by nothing else.

    Raises:
        NoTarget: EARSHOT_TARGET is neither local nor cloud.
    """
    named = os.environ.get("EARSHOT_TARGET") or "local"
    if named not in ("local", "cloud"):
        raise NoTarget(f"EARSHOT_TARGET is {named}, and can be local or cloud")
    return cloud or named == "cloud"


@contextmanager
def at(data_dir: Path | None, cloud: bool) -> Iterator[Target]:
    """The target of a command, usable while the block runs: the running local stack, or the project if `in_cloud`.

    A project in the environment alone is not used: many people have GOOGLE_CLOUD_PROJECT set for other work.

    Raises:
        NoTarget: no stack is running, or the cloud is wanted and the environment names no project.
    """
    home = home_folder(data_dir)
    if in_cloud(cloud):
        if not os.environ.get("GOOGLE_CLOUD_PROJECT"):
            raise NoTarget("to work in the cloud, set GOOGLE_CLOUD_PROJECT to the id of the project")
        target = Target(CliSettings(), is_local=False)
        say.print(f"[dim]Working in {safe(target.name)}.")
        yield target
        return
    running = found(home)
    if running is None:
        raise NoTarget(
            f"no stack is running in {home}. Start one with `earshot up`, name its folder by --data-dir, or add --cloud"
            " to work in a Google Cloud project."
        )
    with of(running) as target:
        yield target


@contextmanager
def of(stack: Endpoints) -> Iterator[Target]:
    """The target that is this local stack."""
    with stack.applied():
        yield Target(CliSettings(poll_s=0.3), is_local=True)


def explained(command: Callable[Params, Result]) -> Callable[Params, Result]:
    """The command with expected errors reported as one sentence instead of a traceback; they exit with 1."""

    @functools.wraps(command)
    def wrapped(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        logging.basicConfig(level=logging.WARNING, format="%(message)s")
        try:
            return command(*args, **kwargs)
        except BrokenPipeError:
            raise  # the reader of a pipe, such as head, has ended: typer ends quietly
        except Exception as error:  # what has no explanation is raised again
            text = explain(error)
            if text is None:
                raise
        say.print(f"[red]earshot:[/] {safe(text)}")
        raise typer.Exit(1)

    return wrapped


def explain(error: Exception) -> str | None:
    """An expected error in one sentence; None for one that is a fault of the program."""
    from google.api_core.exceptions import GoogleAPICallError, GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from requests import ConnectionError as NoConnection
    from requests import RequestException

    from earshot.adapters.query_errors import sentence
    from earshot.local.processes import ProcessFailed

    match error:
        case ModuleNotFoundError() if error.name in EXTRAS:
            return f"{error.name} is not installed, which this needs: `make extra NAME={EXTRAS[error.name]}`"
        case ValidationError():
            return "; ".join(": ".join((*map(str, fault["loc"][:1]), fault["msg"])) for fault in error.errors())
        case NoConnection():
            host = urlsplit(str(error.request.url)).netloc if error.request is not None else "a server"
            local = host.startswith("127.0.0.1")
            return f"{'the local stack' if local else host} does not respond; `earshot status` says what is running"
        case NoTarget() | AlreadyRunning() | ProcessFailed() | EarshotError() | OSError() if not isinstance(
            error, RequestException
        ):
            return str(error)
        case GoogleAPICallError():
            return f"{error.code} {sentence(error)}"
        case GoogleAPIError() | GoogleAuthError() | RequestException():
            return f"{type(error).__name__}: {error}"
    return None


def safe(text: str) -> str:
    """Text of any origin for a message: without markup, with control characters visible."""
    return escape(printable(text))
