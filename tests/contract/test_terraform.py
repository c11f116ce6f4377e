"""Terraform and what stands beside it: settings, schema and SQL files, the local stack, the images, the build."""

import re
import tomllib
from importlib.util import find_spec

import pytest
import yaml
from pydantic_settings import BaseSettings

from earshot import analysing, settings
from earshot.adapters.schema import KEYS, columns, view_query, views
from earshot.local import resources as stack
from earshot.local.endpoints import Endpoints
from earshot.scraping import CrawlRequest
from earshot.scraping.freesound import Search
from tests.contract import terraform as tf

SETTINGS: dict[str, type[BaseSettings]] = {
    "scraper": settings.Scraper,
    "downloader": settings.Downloader,
    "analyser": settings.Analyser,
}
VARIABLES = tf.blocks("variable")


def variable_name(field: str) -> str:
    return "GOOGLE_CLOUD_PROJECT" if field == "project" else f"EARSHOT_{field.upper()}"


@pytest.mark.parametrize("room", tf.FUNCTIONS)
def test_a_room_is_told_its_settings_and_nothing_else(room: str) -> None:
    told = set(tf.blocks("module")[room]["env"]) | tf.secrets(room)
    fields = {variable_name(name): field for name, field in SETTINGS[room].model_fields.items()}
    assert told <= set(fields)
    assert {name for name, field in fields.items() if field.is_required()} <= told


@pytest.mark.parametrize("room", tf.FUNCTIONS)
def test_no_room_in_the_cloud_may_fetch_from_private_networks(room: str) -> None:
    assert "EARSHOT_ALLOW_PRIVATE_ADDRESSES" not in tf.blocks("module")[room]["env"]


@pytest.mark.parametrize("room", tf.FUNCTIONS)
def test_one_word_a_room_from_extra_to_account(room: str) -> None:
    file = tf.parsed(tf.TERRAFORM / f"{room}.tf")
    module = file["module"][0][room]
    accounts = {
        name: body["account_id"] for block in file["data"] for name, body in block["google_service_account"].items()
    }
    assert room in tomllib.loads((tf.ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert (tf.ROOT / "functions" / room / "requirements.txt").exists()
    assert module["room"] == room
    assert module["image"] == f"${{var.images.{room}}}"
    assert accounts == {room: room, f"{room}_caller": f"{room}-caller"}
    assert room in str(tf.local("rooms", tf.TERRAFORM / "bootstrap"))


def test_each_table_has_a_schema_file_and_each_schema_file_a_table() -> None:
    keys = tf.local("table_keys")
    assert set(keys) == {
        path.name.removesuffix(".schema.json") for path in (tf.ROOT / "functions").rglob("*.schema.json")
    }
    for table, key in keys.items():
        assert set(key) <= {column.name for column in columns(table)}
    assert {table: tuple(key) for table, key in keys.items()} == KEYS  # so that the local stack makes the same


def test_views_can_be_made_in_three_steps() -> None:
    """Terraform makes the views that read no view, then those on these, then the rest: a resource each."""
    height: dict[str, int] = {}
    for name in views():
        reads = [other for other in views() if f".{other}`" in view_query(name, "dataset")]
        height[name] = 1 + max((height[other] for other in reads), default=0)
    assert max(height.values()) <= 3


def test_a_view_asks_for_the_dataset_alone() -> None:
    for name in views():
        text = (tf.ROOT / "functions/earshot/adapters/views" / f"{name}.sql").read_text()
        assert set(re.findall(r"\$\{(\w+)\}", text)) == {"dataset"}
        assert "%{" not in text  # would be a directive for templatefile


@pytest.mark.parametrize("room", tf.FUNCTIONS)
def test_deadlines_and_limits_are_those_that_the_room_assumes(room: str) -> None:
    fields = {name: field.default for name, field in SETTINGS[room].model_fields.items() if not field.is_required()}
    shared = {name for name in fields if "default" in VARIABLES.get(name, {})}
    shared -= {"crawl_timeout_s"}  # Cloud Scheduler waits half an hour, a person at a desk as long as it takes
    assert "log_level" in shared
    assert {name: str(VARIABLES[name]["default"]) for name in shared} == {
        name: f"{fields[name]:g}" if isinstance(fields[name], float) else str(fields[name]) for name in shared
    }


def test_a_crawl_can_be_scheduled_with_every_field_of_a_request() -> None:
    request = VARIABLES["crawls"]["type"].split("request = object(")[1]
    search = re.search(r"freesound = optional\(list\(object\(\{(.*?)\}\)\)\)", request)
    assert search is not None
    named = re.compile(r"(\w+) = optional")
    assert set(named.findall(search[1])) == set(Search.model_fields)
    fields = set(named.findall(request.replace(search[1], "")))
    assert fields == set(CrawlRequest.model_fields) - {"traceparent"}  # each run begins a trace of its own


def test_a_long_crawl_is_started_as_the_image_knows_it_and_told_what_the_scraper_knows() -> None:
    job = str(tf.resource("google_cloud_run_v2_job", "crawl"))
    assert find_spec(re.search(r"'-m', '([a-z._]+)'", job)[1]) is not None  # type: ignore[index]
    told = set(re.findall(r"\b(EARSHOT_[A-Z_]+)\b", job))
    assert told == {"EARSHOT_CRAWL_TIMEOUT_S", "EARSHOT_MAX_PAGES"}
    assert told <= {variable_name(name) for name in settings.Scraper.model_fields}
    longest = re.search(r"crawl.hours <= (\d+)", str(VARIABLES["crawls"]["validation"]))
    most = re.search(r"crawl.max_pages <= (\d+)", str(VARIABLES["crawls"]["validation"]))
    settings.Scraper(project="tests", crawl_timeout_s=int(longest[1]) * 3600 - 300, max_pages=int(most[1]))  # type: ignore[index]
    assert "module.scraper.env" in job
    assert "module.scraper.secrets" in job


def test_the_local_stack_is_wired_like_the_cloud() -> None:
    assert VARIABLES["ack_deadline_s"]["default"] == stack.ACK_DEADLINE_S
    assert VARIABLES["max_delivery_attempts"]["default"] == stack.MAX_ATTEMPTS
    prefixes = str(tf.resource("google_storage_notification", "audio_stored")["for_each"])
    assert set(re.findall(r'"(\w+/)"', prefixes)) == set(stack.WATCHED) == set(analysing.OURS)
    for delivery in stack.DELIVERIES:
        name = delivery.topic.replace("-", "_")
        assert tf.resource("google_pubsub_topic", name)["name"] == delivery.topic
        assert tf.resource("google_pubsub_topic", f"{name}_dead")["name"] == f"{delivery.topic}-dead"
        assert tf.resource("google_pubsub_subscription", f"{name}_dead")["name"] == f"{delivery.topic}-dead"
        wired = str(tf.blocks("module")[delivery.function]["delivery"])
        assert f"google_pubsub_topic.{name}.id" in wired
        assert re.search(r"ordered\W+(true|false)", wired, re.IGNORECASE)[1].lower() == str(delivery.ordered).lower()  # type: ignore[index]
    bucket = tf.resource("google_storage_bucket", "shelf")["name"]
    local = Endpoints.model_fields
    assert bucket.replace("${var.project}", local["project"].default) == local["bucket"].default
    assert tf.resource("google_bigquery_dataset", "earshot")["dataset_id"] == local["dataset"].default


def test_the_metric_counts_what_the_rooms_say() -> None:
    counted = set(re.findall(r'"(\w+)"', tf.resource("google_logging_metric", "settled")["filter"])) - {
        "cloud_run_revision"
    }
    said: set[str] = set()
    for path in (tf.ROOT / "functions/earshot").rglob("*.py"):
        said |= set(re.findall(r'log\.info\("([\w ]+)"', path.read_text()))
    assert counted
    assert counted <= said


def test_grants_are_added_one_by_one_and_on_one_thing() -> None:
    for path, kind, _, _ in resources_with_iam():
        assert kind.endswith(("_iam_member", "_iam_custom_role")), f"{kind} would take the role from everybody else"
        if kind.startswith("google_project_iam"):
            assert path.parent.name == "bootstrap", "only an owner's root may grant on the whole project"


def resources_with_iam() -> list[tuple[object, ...]]:
    return [found for found in tf.resources() if "_iam_" in found[1] and "workload_identity" not in found[1]]


def test_a_policy_check_is_left_out_for_a_reason() -> None:
    for path in tf.files():
        for skipped in re.findall(r"#checkov:skip=(.*)", path.read_text()):
            assert re.fullmatch(r"CKV2?_(GCP|SECRET)_\d+:.{20,}", skipped), skipped


@pytest.mark.parametrize("folder", ["", "bootstrap", "function"])
def test_a_variable_says_what_it_is_and_is_never_null(folder: str) -> None:
    for name, block in tf.blocks("variable", tf.TERRAFORM / folder).items():
        assert block["description"].endswith("."), name
        assert "type" in block, name
        if name != "delivery":  # null says that nothing is pushed
            assert block["nullable"] is False, name
        for rule in block.get("validation", []):
            assert rule["error_message"].endswith("."), name
    for name, block in tf.blocks("output", tf.TERRAFORM / folder).items():
        assert block["description"].endswith("."), name


def test_the_build_makes_and_signs_an_image_for_each_room() -> None:
    build = yaml.safe_load((tf.ROOT / "cloudbuild.yaml").read_text())
    steps = {step["id"]: step for step in build["steps"]}
    for room in tf.FUNCTIONS:
        assert steps[f"build-{room}"]["env"] == [f"ROOM={room}"]
        assert f"build-{room}" in steps["push"]["waitFor"]
        assert any(image.endswith(f"/{room}:${{BUILD_ID}}") for image in build["images"])
    assert "check-and-test" in steps["push"]["waitFor"]
    assert "/deployer@" in build["serviceAccount"]


def test_an_image_stands_on_a_digest_and_runs_as_nobody_in_particular() -> None:
    lines = (tf.ROOT / "Dockerfile").read_text().splitlines()
    assert any(re.fullmatch(r"ARG BASE=python:3\.\d+-slim@sha256:[0-9a-f]{64}", line) for line in lines)
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert all(re.fullmatch(r"[1-9]\d+:[1-9]\d+", user) for user in users)


@pytest.mark.parametrize("room", tf.FUNCTIONS)
def test_locked_requirements_have_hashes_and_no_index(room: str) -> None:
    text = (tf.ROOT / "functions" / room / "requirements.txt").read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        assert "==" in requirement
        assert "--hash=sha256:" in requirement


def test_secrets_are_of_a_kind_that_is_not_printed() -> None:
    for room in SETTINGS.values():
        for name, field in room.model_fields.items():
            if re.search(r"token|secret|password|api_key", name):
                assert "SecretStr" in str(field.annotation), name
