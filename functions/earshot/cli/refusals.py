"""`earshot refusals`: lists what did not become a row, why, and what to do; also the table after `load` and `crawl`."""

from collections.abc import Iterable
from typing import Annotated

import typer

from earshot.cli.display import show
from earshot.cli.options import Form
from earshot.cli.row_formats import Row
from earshot.cli.sql import warehouse_at
from earshot.cli.target import Cloud, DataDir, Target, explained, say
from earshot.cli.waiting import batches
from earshot.operating.refusal_advice import advice
from earshot.plurals import counted
from earshot.scraping.crawl_request import Refused

MOST_SHOWN = 100  # rows of the table after `load` and `crawl`
COLUMNS = ("what", "reason", "detail", "what_to_do")

LISTED = """
SELECT COALESCE(source_url, file_name, gcp_url) AS what, reason, detail, stage, retryable, last_seen
FROM refusals
WHERE (ARRAY_LENGTH(@reasons) = 0 OR reason IN UNNEST(@reasons))
  AND (@host = '' OR REGEXP_EXTRACT(source_url, r'^https?://([^/:]+)') = @host)
ORDER BY last_seen DESC, what
"""
BY_KEYS = """
SELECT COALESCE(source_url, file_name, gcp_url) AS what, reason, detail FROM refusals
WHERE (audio_id IN UNNEST(@keys) OR gcp_url IN UNNEST(@keys)) AND reason != 'withdrawn'
ORDER BY reason, what
"""


@explained
def refusals(
    reason: Annotated[list[str] | None, typer.Option(help="Only refusals of this reason; may be repeated.")] = None,
    host: Annotated[str, typer.Option(help="Only links of this host.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that a later success has overtaken (table refusals).")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Largest number of refusals to list, newest first.")] = 1000,
    form: Form = None,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """List refused links and files: why, and what to do about it.

    By default those without a later success (view open_refusals). The reasons are explained in docs/refusals.md.
    """
    table = "refusals" if everything else "open_refusals"
    with warehouse_at(data_dir, cloud) as target:
        rows = target.query(
            f"{LISTED.replace('FROM refusals', f'FROM {table}')}LIMIT {limit}", reasons=reason or [], host=host
        )
        listed = [{**row, "what_to_do": advice(row["reason"])} for row in rows]
        show(listed, form, columns=("what", "reason", "detail", "stage", "retryable", "last_seen", "what_to_do"))


def show_refused(target: Target, keys: Iterable[str], unread: Iterable[Refused] = ()) -> None:
    """Print a table of refused recordings and unread pages, if there are any.

    Args:
        keys: audio_ids, or gs:// addresses.
        unread: pages that a crawl could not read.
    """
    rows: list[Row] = [{"what": page.url, "reason": page.reason, "detail": page.detail} for page in unread]
    for batch in batches(sorted(keys)):
        rows += target.query(BY_KEYS, keys=batch)
    if rows:
        listed = [{**row, "what_to_do": advice(row["reason"])} for row in rows[:MOST_SHOWN]]
        show(listed, columns=COLUMNS, title="Refused")
        if len(rows) > MOST_SHOWN:
            say.print(f"{counted(len(rows) - MOST_SHOWN, 'more refusal')}: `earshot refusals` lists them all.")
