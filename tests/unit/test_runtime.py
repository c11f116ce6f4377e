import base64
import json
import logging

import flask
import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from earshot import runtime
from earshot.errors import BadRequest, ComeAgain, NotAudio

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Settings(BaseSettings):
    project: str = "recordings"
    log_level: str = "INFO"


@pytest.fixture(autouse=True)
def _logging_as_before():
    root, ours = logging.getLogger(), logging.getLogger("earshot")
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:], root.level, ours.level = before


@pytest.fixture
def client():
    app = flask.Flask("function")
    with app.app_context():
        runtime.start(Settings())
    raised = {
        "give-up": NotAudio("HTML dressed as audio"),
        "bad": BadRequest("depth: must be 0 or more"),
        "again": ComeAgain("503"),
        "bug": KeyError("x"),
    }

    @app.post("/<what>")
    def function(what):
        raise raised[what]

    return app.test_client()


@pytest.mark.parametrize(("what", "status"), [("give-up", 204), ("bad", 400), ("again", 429), ("bug", 500)])
def test_the_answer_says_whether_it_comes_again(client, what, status):
    assert client.post(f"/{what}").status_code == status


def test_a_bad_request_gets_the_name_of_the_field(client):
    assert client.post("/bad").get_json() == {"error": "depth: must be 0 or more"}


def test_a_function_that_takes_posts_alone_answers_405_with_what_it_wants():
    app = flask.Flask("function")
    with app.app_context():
        runtime.start(Settings(), post_only='POST {"pages": []}')
    app.add_url_rule("/", "function", lambda: "crawled", methods=["GET", "POST", "PUT"])
    client = app.test_client()
    refused = client.get("/")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert refused.get_json() == {"error": 'GET is not answered here: POST {"pages": []}'}
    assert client.put("/").status_code == 405
    assert client.post("/").data == b"crawled"
    assert client.get("/health").status_code == 200


def test_the_health_page_answers(client):
    assert client.get("/health").get_json() == {"status": "ok"}


def test_a_wrong_method_stays_a_wrong_method(client):
    assert client.put("/health").status_code == 405


def test_each_log_line_is_json_with_the_trace_of_the_request(client, capsys):
    runtime.speak(Settings())  # once more, to the standard output that capsys reads
    client.post("/again", headers={"traceparent": TRACE})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    again = next(line for line in lines if line["message"] == "comes again")
    assert again["severity"] == "WARNING"
    assert again["logging.googleapis.com/trace"] == "projects/recordings/traces/0af7651916cd43dd8448eb211c80319c"
    assert again["logging.googleapis.com/spanId"] == "b7ad6b7169203331"


@pytest.mark.parametrize(
    ("body", "attempt"), [('{"deliveryAttempt": 6}', 6), ('{"message": {}}', 1), ("[]", 1), ("", 1)]
)
def test_a_delivery_knows_how_often_it_was_tried(body, attempt):
    with flask.Flask("function").test_request_context(method="POST", data=body, content_type="application/json"):
        assert runtime.delivery_attempt() == attempt


def test_the_trace_of_the_recording_goes_before_that_of_the_request():
    record = logging.makeLogRecord({"msg": "stored", "levelname": "INFO", "fields": {"traceparent": TRACE, "bytes": 4}})
    line = json.loads(runtime.JsonLines("recordings").format(record))
    assert line["logging.googleapis.com/trace"].endswith("/0af7651916cd43dd8448eb211c80319c")
    assert line["bytes"] == 4
    assert "traceparent" not in line


def test_a_bug_is_logged_with_its_stack(client, capsys):
    runtime.speak(Settings())
    client.post("/bug")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "KeyError" in next(line for line in lines if line["severity"] == "ERROR")["stack_trace"]


NOTIFICATION = {"kind": "storage#object", "metadata": {"traceparent": TRACE}}


@pytest.mark.parametrize(
    "message",
    [
        {"data": "e30=", "attributes": {"traceparent": TRACE}},
        {"data": base64.b64encode(json.dumps(NOTIFICATION).encode()).decode(), "attributes": {"objectId": "audio/a"}},
    ],
    ids=["a link", "a notification of the bucket"],
)
def test_a_fault_is_logged_under_the_trace_of_the_crawl_that_led_to_it(client, capsys, message):
    runtime.speak(Settings())
    pushed_under = {"traceparent": TRACE.replace("0af", "fff")}
    client.post("/bug", json={"message": message, "subscription": "s"}, headers=pushed_under)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    fault = next(line for line in lines if line["message"] == "comes again")
    assert fault["severity"] == "ERROR"
    assert "KeyError" in fault["stack_trace"]
    assert fault["logging.googleapis.com/trace"] == "projects/recordings/traces/0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    "body", [b"", b"[1]", b"null", b'{"message": 3}', b'{"message": {"data": "!", "attributes": 4}}']
)
def test_a_body_of_any_shape_leaves_the_request_its_own_trace(client, capsys, body):
    runtime.speak(Settings())
    client.post("/again", data=body, content_type="application/json", headers={"traceparent": TRACE})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1]["logging.googleapis.com/trace"].endswith("/0af7651916cd43dd8448eb211c80319c")


def test_secrets_are_not_echoed(capsys):
    class Keyed(Settings):
        freesound_token: SecretStr = SecretStr("do-not-say")

    with flask.Flask("function").app_context():
        runtime.start(Keyed())
    line = json.loads(capsys.readouterr().out)
    assert line["message"] == "started"
    assert line["settings"]["project"] == "recordings"
    assert "do-not-say" not in json.dumps(line)
