"""The verbs of the command line: name, module and summary of each; a module is imported when its verb is used.

Importing all of them takes seconds (Google's clients, pyarrow, matplotlib), which `earshot --help` must not.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_command_from_info
from typer.models import CommandInfo

if TYPE_CHECKING:
    Context = Any
    Command = Any


@dataclass(frozen=True)
class Verb:
    """A function or typer.Typer at `module:attribute`; `summary` is the first sentence of its help."""

    where: str
    summary: str

    def load(self, name: str) -> "Command":
        """Import the module and make the command."""
        module, _, attribute = self.where.partition(":")
        found = getattr(import_module(f"earshot.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            command: Command = get_command(found)
            command.name = name
            return command
        info = CommandInfo(name=name, callback=found)
        return get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode="markdown")


VERBS = {
    "demo": Verb("demo:demo", "A page goes in, rows come out: everything on this machine, nothing but Python needed."),
    "up": Verb("up:up", "Start the local stack and keep it running."),
    "page": Verb("open_page:page", "Open the page: find, hear and correct recordings."),
    "env": Verb("up:env", "Print the addresses of the running stack as export lines for a shell."),
    "status": Verb("status:status", "Show what is running, what is queued, what failed, and how much is stored."),
    "settings": Verb("settings:settings", "List every setting of every function."),
    "crawl": Verb("crawl:crawl", "Find audio on pages, and wait until every recording found is a row or a refusal."),
    "find": Verb("preview_document:find", "Say which recordings a document holds, and what was passed over and why."),
    "load": Verb("upload_files:load", "Upload local files, and wait until each is a row or a refusal."),
    "measure": Verb("measure:measure", "Measure local files, without a stack and without storing anything."),
    "classify": Verb("measure_again:classify", "Measure and classify stored recordings again."),
    "tag": Verb("tag_again:tag", "Hear stored recordings again."),
    "listen": Verb("listen:listen", "Say what is heard, as it is heard."),
    "similar": Verb("similar:similar", "List the recordings that sound most like a file or a stored recording."),
    "models": Verb("models:app", "Models of the tagger: list, import, choose, compare."),
    "sql": Verb("sql:sql", "Run a query in BigQuery's SQL; nothing is changed without --write."),
    "refusals": Verb("refusals:refusals", "List refused links and files: why, and what to do about it."),
    "report": Verb("report:report", "Write one self-contained HTML file: numbers, distributions, funnel, licences."),
    "export": Verb("export:export", "Write the recordings of a query as training data."),
    "features": Verb("features:features", "Compute frame features of recordings, as Parquet files in the bucket."),
    "annotate": Verb("annotate:app", "Judgements of what is heard: import, export, and which stretch to judge next."),
    "train": Verb("train:train", "Train a model and put it into the registry."),
    "datasets": Verb("datasets:app", "Public sets of recordings: list, download, prepare."),
    "mix": Verb("mix:mix", "Mix labelled clips into a set whose recordings have several labels."),
    "columns": Verb("columns:columns", "List the columns of a table or view: name, type, unit and definition."),
    "backfill": Verb("backfill:backfill", "Measure again the recordings that a condition selects."),
    "retry": Verb("retry:retry", "Try open refusals again (view open_refusals)."),
    "forget": Verb("forget:forget", "Delete recordings, mark their rows as withdrawn, erase their texts."),
    "dead": Verb("dead_letters:app", "Messages that Pub/Sub gave up after too many tries."),
    "smoke": Verb("smoke_test:smoke", "Store a tone, wait for its row, and delete both: does the deployment work?"),
    "diff-versions": Verb("diff_versions:diff_versions", "Compare two versions of the analyser."),
    "add-columns": Verb("add_columns:add_columns", "Add the columns that this version has and the tables lack."),
    "try-revisions": Verb(
        "smoke_test_new_revisions:try_revisions",
        "Call each new revision at its own address, with a message that no subscription delivers.",
    ),
    "install-defaults": Verb("install_defaults:install_defaults", "Insert the default policies and prices."),
}
"""In the order of `earshot --help`."""


class LazyVerbs(TyperGroup):
    """A group whose commands are imported when they are used; until then only names and summaries are known."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, verb in VERBS.items():
            self.add_command(TyperCommand(name, help=verb.summary))

    def resolve_command(self, ctx: "Context", args: list[str]) -> "tuple[str | None, Command | None, list[str]]":
        """The command that the arguments name, imported; an unknown one is an error with the nearest names."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, VERBS[name].load(name) if name in VERBS else command, rest
