"""The command line: `earshot up`, `crawl`, `load`, `classify`, `sql`, …, one module for each verb.

The same verbs work on the local stack and in the cloud; `target.py` decides which. Messages and progress are written
to standard error, results to standard output.
"""

import typer

from earshot.cli import dead_letters
from earshot.cli.backfill import backfill
from earshot.cli.columns import columns
from earshot.cli.crawl import crawl
from earshot.cli.demo import demo
from earshot.cli.diff_versions import diff_versions
from earshot.cli.export import export
from earshot.cli.features import features
from earshot.cli.forget import forget
from earshot.cli.install_defaults import install_defaults
from earshot.cli.measure_again import classify
from earshot.cli.retry import retry
from earshot.cli.smoke_test import smoke
from earshot.cli.sql import sql
from earshot.cli.up import up
from earshot.cli.upload_files import load

app = typer.Typer(
    help="Finds audio on the web, stores and measures it, and keeps one trustworthy row per recording.",
    epilog="The local stack keeps its state in ./.earshot, or in the folder given by --data-dir or EARSHOT_HOME.",
    no_args_is_help=True,
    rich_markup_mode="markdown",  # which flows paragraphs; "rich" keeps the lines of the source
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
for verb in (demo, up, crawl, load, classify, sql, export, features, smoke, columns, backfill, retry, forget):
    app.command()(verb)
app.command("diff-versions")(diff_versions)
app.command("install-defaults")(install_defaults)
app.add_typer(dead_letters.app, name="dead")
