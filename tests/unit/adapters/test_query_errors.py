"""Errors of BigQuery, and of the embedded engine, in one sentence."""

import pytest
from google.api_core.exceptions import BadRequest, NotFound

from earshot.adapters.query_errors import sentence, wrong_query

ENGINE = (
    "POST http://127.0.0.1:44115/bigquery/v2/projects/p/jobs?prettyPrint=false: Query execution failed: Binder Error:"
    ' Referenced column "loudnes" not found in FROM clause!\nCandidate bindings: "codec"\n\nLINE 1: SELECT loudnes\n'
    "    ^\n\nLocation: None\nJob ID: 239a7c8b-9530-46b6-bbfa-736c5a585a54\n"
)


@pytest.mark.parametrize(
    ("error", "sql", "expected"),
    [
        (
            BadRequest(ENGINE),
            "SELECT file_name,\n  loudnes\nFROM audio_metadata",
            "there is no column loudnes at line 2, column 3; did you mean loudness?",
        ),
        (
            BadRequest("Unrecognized name: loudnes; Did you mean loudness? at [1:8]; reason: invalidQuery, location"),
            "SELECT loudnes FROM audio_metadata",
            "there is no column loudnes at line 1, column 8; did you mean loudness?",
        ),
        (
            NotFound("GET https://bigquery.googleapis.com/x: Not found: Table p.d.audio_metadat was not found in US"),
            "SELECT * FROM audio_metadat",
            "there is no table audio_metadat at line 1, column 15; did you mean audio_metadata?",
        ),
        (
            NotFound("Not found: Table p:d.recording was not found in location EU\n\nLocation: EU\nJob ID: 1-2\n"),
            "SELECT * FROM recording",
            "there is no table recording at line 1, column 15; did you mean recordings?",
        ),
        (
            BadRequest('Syntax error: Unexpected identifier "SELEC" at [1:7]\n\nLocation: None\nJob ID: 461f\n'),
            "SELEC 1",
            'Syntax error: Unexpected identifier "SELEC" at [1:7]',
        ),
        (
            BadRequest("Syntax error: Required keyword missing. Line 1, Col: 10.\n  SELECT 1 \x1b[4m+\x1b[0m\n"),
            "SELECT 1 +",
            "Syntax error: Required keyword missing. Line 1, Col: 10.",
        ),
    ],
)
def test_a_wrong_query_is_one_sentence_with_place_and_nearest_name(error, sql, expected):
    assert str(wrong_query(error, sql)) == expected


def test_a_sentence_has_no_address_and_no_job_id():
    assert sentence(BadRequest(ENGINE)) == 'Referenced column "loudnes" not found in FROM clause!'
