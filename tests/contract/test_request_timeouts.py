"""No request that begins a BigQuery job may wait for ever: each names a timeout; the client has none by default."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
BEGINS = ("load_table_from_json", "load_table_from_file", "copy_table", "extract_table")


def begins_a_job(call: ast.Call) -> bool:
    """Whether this is a call of the client: `query` alone is also a method of ours, without a job_config."""
    if not isinstance(call.func, ast.Attribute):
        return False
    return call.func.attr in BEGINS or (
        call.func.attr == "query" and any(keyword.arg == "job_config" for keyword in call.keywords)
    )


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(FUNCTIONS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and begins_a_job(node):
                yield f"{path.relative_to(FUNCTIONS)}:{node.lineno}", node


@pytest.mark.parametrize(("where", "call"), [pytest.param(where, call, id=where) for where, call in calls()])
def test_a_request_that_begins_a_job_names_a_timeout(where: str, call: ast.Call) -> None:
    assert any(keyword.arg == "timeout" for keyword in call.keywords), where


def test_the_requests_are_found() -> None:
    assert len(list(calls())) >= 10
