"""The corpus as a person browses it: pages of recordings with facets, one recording with all that is known of it."""

import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import BadRequest as Refused
from google.api_core.exceptions import GoogleAPICallError
from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter
from requests.exceptions import RequestException

from earshot.adapters import corpus_sql
from earshot.adapters.bigquery_jobs import REQUEST_S, finished
from earshot.adapters.query_errors import wrong_query
from earshot.audio.corpus_filters import FACETS, Filters
from earshot.errors import ComeAgain, EarshotError

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

log = logging.getLogger("earshot.corpus")

Row = dict[str, Any]
RULES_S = 5.0  # for how long a policy's rules are taken for unchanged
PAGE_S = 60.0  # for a statement that a page waits for
BESIDE = 8  # facets that are counted at a time, each while its list is read
FEW = 12  # values of a facet that are shown at once


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet, and how many recordings have it under the other filters."""

    value: str
    recordings: int
    is_chosen: bool


@dataclass(frozen=True)
class CorpusPage:
    """One page of the corpus."""

    rows: list[Row]
    recordings: int
    hours: float
    facets: dict[str, list[FacetValue]]
    policies: list[str]
    sql: str
    selection: str
    """A query that yields the gcp_url of all that match."""
    after: str = ""
    before: str = ""
    hints: list[tuple[str, str]] = field(default_factory=list)
    """Where nothing matches: what to loosen (`q`, a facet or a measure), and what there would be."""
    unknown: list[str] = field(default_factory=list)
    """Measures that there are not."""


class Corpus:
    """Reads a dataset's tables and views; changes nothing."""

    def __init__(self, client: "Client", dataset: str) -> None:
        self._client = client
        self.dataset = f"{client.project}.{dataset}"
        self._rules: tuple[float, list[Row]] = (-RULES_S, [])
        self._beside = ThreadPoolExecutor(BESIDE, thread_name_prefix="facets")

    def query(self, sql: str, given: Mapping[str, str | list[str]] | None = None) -> list[Row]:
        """Rows of a statement of ours.

        Raises:
            BadRequest: refused by BigQuery.
            ComeAgain: BigQuery does not answer.
        """
        try:
            job = self._client.query(sql, job_config=self._config(given or {}), timeout=REQUEST_S)
            return [dict(row.items()) for row in finished(job, PAGE_S)]
        except Refused as error:
            raise wrong_query(error, sql) from error
        except GoogleAPICallError as error:
            raise ComeAgain(f"BigQuery: {error}") from error

    def page(self, filters: Filters) -> CorpusPage:
        """Recordings that match, with the counts of every facet under the other filters."""
        rules = self.rules()
        base = corpus_sql.corpus(rule for rule in rules if rule["name"] == filters.policy)
        shown = corpus_sql.conditions(filters, all_facets=False)
        given = corpus_sql.parameters(filters)
        select, counts = _statements(filters, is_narrowed=bool(filters.text or filters.facets))
        key, _, url = (filters.after or filters.before).partition(" ")
        keys: dict[str, str | list[str]] = {"key": _decoded(key), "url": url} if url else {}
        counting = self._beside.submit(self.query, base + counts, given)
        rows = self.query(base + select, given | keys)
        counted = counting.result()
        totals = [row for row in counted if row["missed"] == 0 and all(row[name] is None for name in FACETS)]
        whole = totals[0] if totals else {"recordings": 0, "hours": 0}
        more = len(rows) > corpus_sql.PAGE
        rows = rows[: corpus_sql.PAGE]
        if filters.before:
            rows.reverse()
        last, first = (_mark(rows[-1]), _mark(rows[0])) if rows else ("", "")
        return CorpusPage(
            rows=rows,
            recordings=int(whole["recordings"]),
            hours=float(whole["hours"] or 0),
            facets=_facets(counted, filters),
            policies=sorted({str(rule["name"]) for rule in rules}),
            sql=corpus_sql.as_text(base + corpus_sql.listed(filters, shown), given | keys),
            selection=corpus_sql.as_text(base + corpus_sql.selection(shown), given),
            after=last if more or filters.before else "",
            before=first if filters.after or (filters.before and more) else "",
            hints=[] if whole["recordings"] or not filters.is_narrowed else self._hints(base, shown, given),
            unknown=[one.metric for one in filters.measures if one.metric not in corpus_sql.metrics()],
        )

    def prepare(self) -> None:
        """Have the statements of the first page and of the first choice of a facet checked and planned.

        Dry runs: BigQuery reads nothing for them and bills nothing. The embedded engine translates a statement once,
        which takes it longer than running it over 100,000 recordings. Where it fails, the page itself will say why.
        """
        try:
            filters = Filters()
            base = corpus_sql.corpus(rule for rule in self.rules() if rule["name"] == filters.policy)
            config = self._config(corpus_sql.parameters(filters), dry_run=True)
            for statement in (*_statements(filters, is_narrowed=False), *_statements(filters, is_narrowed=True)):
                self._client.query(base + statement, job_config=config, timeout=REQUEST_S)
        except (GoogleAPICallError, EarshotError, RequestException) as error:
            log.info("the first page is not prepared: %s", error)

    def selected(self, filters: Filters, limit: int = 100_000) -> list[Row]:
        """All lines that match, for a file."""
        rules = [rule for rule in self.rules() if rule["name"] == filters.policy]
        base = corpus_sql.corpus(rules)
        where = corpus_sql.where(corpus_sql.conditions(filters))
        sql = f"{base}SELECT * FROM judged WHERE {where} ORDER BY gcp_url LIMIT {int(limit)}"  # noqa: S608
        return self.query(sql, corpus_sql.parameters(filters))

    def rules(self) -> list[Row]:
        """The rules of all policies; remembered for five seconds."""
        read_at, rules = self._rules
        if time.monotonic() - read_at > RULES_S:
            rules = self.query("SELECT name, metric, op, threshold, verdict, reason, note FROM policies")
            self._rules = time.monotonic(), rules
        return rules

    def _config(self, given: Mapping[str, str | list[str]], *, dry_run: bool = False) -> QueryJobConfig:
        parameters = [
            ScalarQueryParameter(name, "STRING", value)
            if isinstance(value, str)
            else ArrayQueryParameter(name, "STRING", list(value))
            for name, value in given.items()
        ]
        return QueryJobConfig(default_dataset=self.dataset, query_parameters=parameters, dry_run=dry_run)

    def _hints(self, base: str, shown: Mapping[str, str], given: Mapping[str, Any]) -> list[tuple[str, str]]:
        """How many there would be without each filter; of a bound on a measure, the nearest value instead."""
        parts, names = [], list(shown)
        for number, name in enumerate(names):
            metric = name.split(" ")[0]
            nearest = "CAST(NULL AS FLOAT64)"
            if name not in FACETS and name != "q":
                nearest = f"{'MAX' if '>' in name else 'MIN'}({metric})"
            others = corpus_sql.where(shown, name)
            parts.append(  # names of ours, and conditions that read parameters
                f"SELECT {number} AS filter, COUNT(*) AS recordings, {nearest} AS nearest FROM judged WHERE {others}"  # noqa: S608
            )
        rows = sorted(self.query(base + " UNION ALL ".join(parts), given), key=lambda row: -int(row["recordings"]))
        hints = []
        for row in rows:
            name = names[int(row["filter"])]
            if row["recordings"]:
                near = (
                    f"; the nearest has {name.split(' ')[0]} {row['nearest']:.4g}" if row["nearest"] is not None else ""
                )
                hints.append((name, f"{row['recordings']} match without it{near}"))
        return hints


def _statements(filters: Filters, *, is_narrowed: bool) -> tuple[str, str]:
    """The lines of a page, and the counts of every facet, to be added to the corpus."""
    found = corpus_sql.conditions(filters, all_facets=is_narrowed)
    return corpus_sql.listed(filters, found), corpus_sql.facet_counts(found)


def _facets(counted: list[Row], filters: Filters) -> dict[str, list[FacetValue]]:
    facets: dict[str, list[FacetValue]] = {}
    for name in FACETS:
        chosen = set(filters.facets.get(name, ()))
        values: dict[str, int] = {}
        for row in counted:
            if row[name] is not None and row["missed"] in (0, corpus_sql.BITS[name]):
                for value in _values(name, str(row[name])):
                    values[value] = values.get(value, 0) + int(row["recordings"])
        values |= dict.fromkeys(chosen - values.keys(), 0)
        order = sorted(values, key=lambda value: (value not in chosen, -values[value], value))
        facets[name] = [FacetValue(value, values[value], value in chosen) for value in order]
    return facets


def _values(facet: str, value: str) -> list[str]:
    """The values in a column; of a facet with several, each of them once."""
    if facet not in corpus_sql.SEVERAL:
        return [value]
    return sorted(set(filter(None, value.split(",")))) or [corpus_sql.NONE]


def _mark(row: Row) -> str:
    """Sort key and gcp_url of a line; a text's spaces are written as a character that no title has."""
    key = row["sort_key"]
    return f"{key.replace(' ', chr(0x2007)) if isinstance(key, str) else repr(float(key))} {row['gcp_url']}"


def _decoded(key: str) -> str:
    return key.replace("\u2007", " ")
