"""The relational copy keeps one row an id, whatever comes how often."""

import sqlite3

import pytest
from sqlalchemy.dialects import postgresql

from earshot.adapters.copy_to_sql_database import AUDIO_INFO, INSERTS, connect, copy
from earshot.errors import BadRequest, ComeAgain


def row(name, **facts):
    plain = {"id": name, "title": name, "file_path": f"gs://bucket/{name}", "duration": 1.5}
    return plain | {"pesq_score": None, "quality_label": None} | facts


def kept(path):
    with sqlite3.connect(path) as database:
        return database.execute("SELECT id, title, pesq_score FROM audio_info ORDER BY id").fetchall()


def test_rows_are_inserted_replaced_and_withdrawn(tmp_path):
    url = f"sqlite:///{tmp_path / 'copy.db'}"
    assert copy(connect(url), [row("a"), row("b"), row("c")], []) == (3, 0)
    again = [row("a", title="new"), row("d", pesq_score=3.5), row("d", pesq_score=4.5)]
    assert copy(connect(url), again, [("b", "gs://bucket/b"), ("never there", None)]) == (3 - 1, 1)
    assert kept(tmp_path / "copy.db") == [("a", "new", None), ("c", "c", None), ("d", "d", 4.5)]


def test_what_came_back_under_another_name_stays(tmp_path):
    url, back = f"sqlite:///{tmp_path / 'copy.db'}", row("a", file_path="gs://bucket/a.flac")
    copy(connect(url), [row("a"), row("b")], [])
    assert copy(connect(url), [back], [("a", "gs://bucket/a"), ("b", None)]) == (1, 1)
    assert kept(tmp_path / "copy.db") == [("a", "a", None)]


def test_many_rows_are_one_transaction(tmp_path):
    def rows():
        yield from (row(str(number)) for number in range(2500))
        raise BadRequest("the source fails")

    url = f"sqlite:///{tmp_path / 'copy.db'}"
    with pytest.raises(BadRequest, match="the source fails"):
        copy(connect(url), rows(), [])
    copy(connect(url), [row("only")], [])
    assert kept(tmp_path / "copy.db") == [("only", "only", None)]


def test_a_query_without_the_columns_is_refused(tmp_path):
    with pytest.raises(BadRequest, match="yields no title"):
        copy(connect(f"sqlite:///{tmp_path / 'copy.db'}"), [{"id": "a"}], [])


def test_a_database_that_refuses_is_a_reason_to_come_again(tmp_path):
    with pytest.raises(ComeAgain, match="unable to open"):
        copy(connect(f"sqlite:///{tmp_path / 'nowhere' / 'copy.db'}"), [row("a")], [])


@pytest.mark.parametrize("url", ["mysql://h/d", "oracle://h/d", "nonsense"])
def test_another_database_is_refused_in_a_sentence(url):
    with pytest.raises(BadRequest):
        connect(url)


def test_postgresql_is_reached_by_its_present_driver():
    engine = connect("postgresql://user:secret@db.example.org/audio")
    assert engine.driver == "psycopg"
    fresh = INSERTS["postgresql"](AUDIO_INFO)
    text = str(
        fresh.on_conflict_do_update(index_elements=["id"], set_={"title": fresh.excluded.title}).compile(
            dialect=postgresql.dialect()
        )
    )
    assert "ON CONFLICT (id) DO UPDATE SET title = excluded.title" in text
