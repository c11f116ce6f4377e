"""Every statement of the project, analysed by Google's own analyser: of views, files, Python modules and documents."""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter, SchemaField

from earshot.adapters.annotations_table import AnnotationsTable
from earshot.adapters.corpus import Corpus
from earshot.adapters.default_policies_and_prices import insert_missing_defaults
from earshot.adapters.erase_withdrawn_rows import WithdrawnRows
from earshot.adapters.export_catalogue import Catalogue
from earshot.adapters.mark_removed_rows import Removals
from earshot.adapters.schema import KEYS, MARKED, columns, view_query, views
from earshot.adapters.table import FEW, Table
from earshot.audio import Annotation
from earshot.audio.corpus_filters import DIRECTIONS, FACETS, SORTS, Filters, Measure
from tests.googlesql import GoogleSql, Refused, google_sql, is_installed

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "functions" / "earshot"
STARTS = re.compile(r"\s*(--[^\n]*\n\s*)*(SELECT|WITH|MERGE|INSERT INTO|UPDATE|DELETE FROM|ALTER TABLE|TRUNCATE)\s")
SQLITE = {
    "exporting/attribution_files.py",
    "exporting/export.py",
    "exporting/make_plan.py",
    "exporting/plan_database.py",
}
"""Modules whose statements are SQLite's."""

ASKED = {"adapters/corpus.py", "adapters/corpus_sql.py"}
"""Modules that compose whole statements of conditions: `corpus_statements` asks for what they compose."""

FILLED = {
    "where": "loudness < -30 -- too quiet",
    "earlier": "2", "later": "3",
    "mine": "WHERE shard = 7 AND gcp_url = @gcp_url", "table": "audio_metadata",
    "sql": "SELECT gcp_url FROM audio_metadata", "count": "10",
    "dataset_id": "p.d", "name": "audio_metadata", "column.name": "a_new_column", "kind": "STRING",
}  # fmt: skip
"""What stands for a placeholder of a composed statement, by the name of the placeholder."""


@pytest.fixture(scope="module")
def analyser() -> GoogleSql:
    """Skipped where zetasql is not installed, but never in CI: there its absence is a failure."""
    if not is_installed():
        if os.environ.get("CI") or os.environ.get("BUILD_ID"):
            pytest.fail("zetasql is not installed, so no statement was analysed")
        pytest.skip("zetasql is not installed, so no statement is analysed: pip install zetasql")
    return google_sql()


def constants() -> Iterator[tuple[str, str]]:
    """Module and text of each statement in the package's Python, placeholders filled."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = str(path.relative_to(PACKAGE))
        if name in SQLITE | ASKED:
            continue
        tree = ast.parse(path.read_text())
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                text = "".join(_part(part, name) for part in node.values) if _starts(node) else ""
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
                text = node.value
                if STARTS.match(text):
                    text = re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], text)
            else:
                continue
            if STARTS.match(text) and len(text.split()) > 3:
                yield name, text


def texts(sql: str) -> QueryJobConfig:
    """Parameters of the kinds that `Queries` and `Target.query` take: texts, and lists of texts."""
    lists = set(re.findall(r"(?:UNNEST|ARRAY_LENGTH)\(@(\w+)\)", sql))
    given = [
        ArrayQueryParameter(name, "STRING", []) if name in lists else ScalarQueryParameter(name, "STRING", "")
        for name in sorted(set(re.findall(r"@(\w+)", sql)))
    ]
    return QueryJobConfig(query_parameters=given)


def _starts(node: ast.JoinedStr) -> bool:
    first = node.values[0]
    return isinstance(first, ast.Constant) and bool(STARTS.match(str(first.value)))


def _part(part: ast.expr, module: str) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    name = ast.unparse(part.value)
    assert name in FILLED, f"{module} puts {{{name}}} into a statement: name a value for it in FILLED"
    return FILLED[name]


def shown() -> Iterator[tuple[str, str]]:
    """Page and text of each statement in the documents: blocks of SQL, and arguments of `earshot sql`."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = path.read_text()
        for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
            yield from ((path.name, statement) for statement in block.split(";\n") if statement.strip())
        for sql in re.findall(r"earshot sql (?:--\w+ )*\"([^\"…]+)\"", text):
            yield path.name, sql
        for verb, where in re.findall(r"earshot (\w[\w-]*)[^\n]*--where \"([^\"…]+)\"", text):
            table = "corpus" if verb == "report" else "audio_metadata"
            yield path.name, f"SELECT gcp_url FROM {table} WHERE ({where})"


class Recorder:
    """A BigQuery client that runs nothing and keeps what it is asked to run; its only row is the time."""

    project = "p"

    def __init__(self) -> None:
        self.asked: list[tuple[str, QueryJobConfig | None]] = []

    def load_table_from_json(self, rows: list[Any], table: str, job_config: object, timeout: float) -> "Job":
        return Job([])

    def query(
        self, sql: str, job_config: QueryJobConfig | None = None, job_retry: object = None, timeout: float | None = None
    ) -> "Job":
        sql = re.sub(r"`p\.d_staging\.(\w+)_[0-9a-f]{32}`", r"`p.d.\1`", sql)  # it has the columns of its table
        self.asked.append((sql, job_config))
        return Job([{"moment": datetime.now(UTC)}] if "AS moment" in sql else [])


class Rows(list[Any]):
    """Rows of a result, which knows its columns."""

    schema = (SchemaField("gcp_url", "STRING"),)


@dataclass
class Job:
    """A job that is done."""

    rows: list[dict[str, Any]]
    statement_type = "SELECT"
    total_bytes_processed = 0
    total_bytes_billed = 0
    job_id = "job"
    num_dml_affected_rows = 0
    schema = (SchemaField("gcp_url", "STRING"),)

    def result(self, timeout: float | None = None) -> Rows:
        return Rows(self.rows)


def composed() -> list[tuple[str, QueryJobConfig | None]]:
    """What the adapters compose from the files beside them, with the parameters that they give."""
    client: Any = Recorder()
    values = {"STRING": "x", "INTEGER": 1, "FLOAT": 1.0, "BOOLEAN": True}
    for table in KEYS:
        names = {column.name for column in columns(table)}
        if "shard" in names:
            row = {column.name: values[column.type] for column in columns(table) if column.mode == "REQUIRED"}
            optional = {"generation": 1, "analyser_version": 1, "shard": 1}
            rows = [optional | row | {"gcp_url": f"gs://b/audio/{n}"} for n in range(FEW + 1)]
            fitting = [{name: value for name, value in one.items() if name in names} for one in rows]
            assert Table(client, "d", table, schema=table).commit(fitting) == []
            assert Table(client, "d", table, schema=table).commit(fitting[:1]) == []
    for name in MARKED:
        keys = dict.fromkeys(KEYS[name], "gs://b/audio/1")
        Removals(client, "d", name, schema=name).upsert(
            keys | {"shard": 1, "generation": 1, "removed_because": "deleted"}
        )
    WithdrawnRows(client, "d").erase(["0" * 32], ["gs://b/audio/1"])
    insert_missing_defaults(client, "p.d")
    judged = Annotation(
        gcp_url="gs://b/audio/1", task="content", label="music", start_ms=0, end_ms=250, annotator="a@example.org"
    )
    assert AnnotationsTable(client, "d").append([judged]) == 1
    assert not list(Catalogue(client, "d").select("SELECT gcp_url FROM audio_metadata", limit=10).recordings())
    return list(client.asked)


class Counted(Recorder):
    """A recorder whose corpus has so many recordings under the filters, and one rule of each kind."""

    def __init__(self, recordings: int) -> None:
        super().__init__()
        self.recordings = recordings

    def query(self, sql: str, job_config: QueryJobConfig | None = None, **others: object) -> "Job":
        super().query(sql, job_config)
        if "GROUPING SETS" in sql:
            return Job([dict.fromkeys(FACETS) | {"missed": 0, "recordings": self.recordings, "hours": 1.0}])
        rule = {
            "name": "default",
            "metric": "snr_db",
            "op": "<",
            "threshold": 9.0,
            "verdict": "reject",
            "reason": "x",
        }
        rules = [rule, rule | {"metric": "loudness", "op": "missing", "verdict": "review", "threshold": None}]
        return Job(rules if "FROM policies" in sql else [])


def corpus_statements() -> list[tuple[str, QueryJobConfig | None]]:
    """What the page of the corpus asks: every facet, measures, every order, and what would loosen the filters."""
    facets = dict.fromkeys(FACETS, ("x", "y"))
    measures = (Measure("loudness", "<", -30.0), Measure("snr_db", ">=", 9.5))
    narrow = Filters(text="rain", facets=facets, measures=measures)
    asked: list[tuple[str, QueryJobConfig | None]] = []
    for recordings in (0, 1):
        client: Any = Counted(recordings)
        page = Corpus(client, "d")
        for sort, direction in product(SORTS, DIRECTIONS):
            page.page(replace(narrow, sort=sort, direction=direction, after="1.5 gs://b/audio/1"))
            page.page(replace(narrow, sort=sort, direction=direction, before="1.5 gs://b/audio/1"))
        asked += [(page.page(narrow).selection, None), (page.page(Filters()).sql, None)]
        page.selected(narrow)
        asked += client.asked
    return asked


@pytest.mark.parametrize("view", views())
def test_bigquery_accepts_a_view(analyser: GoogleSql, view: str) -> None:
    assert analyser.analyse(view_query(view, "p.d"), {})


def test_the_analyser_refuses_what_bigquery_refuses(analyser: GoogleSql) -> None:
    """A SELECT alias hides the alias of the FROM clause in GROUP BY; the embedded engine and sqlglot accept it."""
    with pytest.raises(Refused, match="Cannot GROUP BY field references from SELECT list alias policy"):
        analyser.analyse("SELECT policy.name AS policy FROM `p.d.policies` AS policy GROUP BY policy.name", {})


def test_the_analyser_knows_the_columns_and_their_types(analyser: GoogleSql) -> None:
    with pytest.raises(Refused, match="Unrecognized name: volume"):
        analyser.analyse("SELECT volume FROM audio_metadata", {})
    with pytest.raises(Refused, match="No matching signature"):
        analyser.analyse("SELECT ABS(file_name) FROM audio_metadata", {})


def test_the_analyser_holds_a_parameter_to_its_type(analyser: GoogleSql) -> None:
    config = QueryJobConfig()
    config.query_parameters = [ScalarQueryParameter("least", "STRING", "-30")]
    with pytest.raises(Refused, match="No matching signature"):
        analyser.analyse("SELECT 1 FROM audio_metadata WHERE loudness > @least", analyser.parameter_types(config))


@pytest.mark.parametrize(("module", "sql"), list(constants()), ids=lambda value: " ".join(str(value).split())[:60])
def test_bigquery_accepts_a_statement_written_in_python(analyser: GoogleSql, module: str, sql: str) -> None:
    assert analyser.analyse(sql, analyser.parameter_types(texts(sql))), module


def test_bigquery_accepts_what_the_adapters_compose(analyser: GoogleSql) -> None:
    for sql, config in composed():
        assert analyser.analyse(sql, analyser.parameter_types(config)), sql


def test_bigquery_accepts_what_the_page_of_the_corpus_asks(analyser: GoogleSql) -> None:
    statements = dict(corpus_statements())
    assert len(statements) > 2 * len(SORTS) * len(DIRECTIONS)
    for sql, config in statements.items():
        assert analyser.analyse(sql, analyser.parameter_types(config)), sql


def test_every_file_of_sql_is_composed_above() -> None:
    """A new file beside the adapters needs a call in `composed`, so that it is analysed too."""
    asked = [re.sub(r"\s+", " ", sql) for sql, _ in composed()]
    for path in sorted((PACKAGE / "adapters").glob("*.sql")):
        first = re.split(r"\$\{?\w+\}?", re.sub(r"\s+", " ", path.read_text()).strip())[0].strip()
        assert any(sql.strip().startswith(first) for sql in asked), path.name


def test_the_vector_search_of_the_documents_asks_tables_and_its_queries_are_accepted(analyser: GoogleSql) -> None:
    """ZetaSQL has no VECTOR_SEARCH, so its parts are analysed; BigQuery searches no logical view by it."""
    (block,) = re.findall(
        r"```\n(CREATE OR REPLACE TABLE.*?)```", (ROOT / "docs" / "tagging.md").read_text(), re.DOTALL
    )
    copied, indexed, searched = block.split(";\n")
    (name,) = re.findall(r"TABLE earshot\.(\w+) AS", copied)
    copy = copied[copied.index("SELECT") :].replace("earshot.", "")
    made = analyser.analyse(copy, {})
    assert {column.name for column in made.output_column_list} == {"gcp_url", "model_version", "embedding"}
    assert f"ON earshot.{name}(embedding)" in indexed
    (base,) = re.findall(r"VECTOR_SEARCH\(\s*TABLE earshot\.(\w+), 'embedding'", searched)
    assert base == name
    assert base not in views()
    (query,) = re.findall(r"\((SELECT [^()]*)\)", searched)
    assert analyser.analyse(query.replace(f"earshot.{name}", f"({copy})"), {})


@pytest.mark.parametrize(("page", "sql"), list(shown()), ids=lambda value: " ".join(str(value).split())[:60])
def test_bigquery_accepts_a_statement_shown_in_the_documents(analyser: GoogleSql, page: str, sql: str) -> None:
    assert analyser.analyse(re.sub(r"`?\b[\w-]+\.earshot\.(\w+)`?|\bearshot\.(\w+)", r"`p.d.\1\2`", sql)), page
