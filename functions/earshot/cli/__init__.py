"""The command line: `earshot up`, `crawl`, `load`, `classify`, `sql`, …, one module a verb.

The same verbs work on the local stack and in the cloud; `place.py` says which it is. Remarks and progress go to
standard error, answers to standard output.
"""

import typer

from earshot.cli import dead
from earshot.cli.backfill import backfill
from earshot.cli.classify import classify
from earshot.cli.columns import columns
from earshot.cli.crawl import crawl
from earshot.cli.demo import demo
from earshot.cli.diff_versions import diff_versions
from earshot.cli.export import export
from earshot.cli.features import features
from earshot.cli.forget import forget
from earshot.cli.load import load
from earshot.cli.retry import retry
from earshot.cli.seed import seed
from earshot.cli.smoke import smoke
from earshot.cli.sql import sql
from earshot.cli.up import up

app = typer.Typer(
    help="There is audio somewhere on the web; here is one trustworthy row per recording.",
    epilog="State of the local stack lies in ./.earshot, or where --data-dir or EARSHOT_HOME says.",
    no_args_is_help=True,
    rich_markup_mode="markdown",  # which flows paragraphs; "rich" keeps the lines of the source
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
for verb in (demo, up, crawl, load, classify, sql, export, features, smoke, seed, columns, backfill, retry, forget):
    app.command()(verb)
app.command("diff-versions")(diff_versions)
app.add_typer(dead.app, name="dead")
