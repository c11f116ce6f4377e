"""Terraform against the settings, the schema and SQL files, the local stack, the images and the build."""

import re
import tomllib
from importlib.util import find_spec

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from pydantic_settings import BaseSettings

from earshot import analysing, settings
from earshot.adapters.schema import KEYS, columns, view_query, views
from earshot.local import resources as stack
from earshot.local.endpoints import Endpoints
from earshot.page_settings import Listener
from earshot.scraping import CrawlRequest
from earshot.scraping.freesound import Search
from tests.contract import terraform as tf

SETTINGS: dict[str, type[BaseSettings]] = {
    "scraper": settings.Scraper,
    "downloader": settings.Downloader,
    "analyser": settings.Analyser,
    "tagger": settings.Tagger,
    "committer": settings.Committer,
}
VARIABLES = tf.blocks("variable")


def variable_name(field: str) -> str:
    return "GOOGLE_CLOUD_PROJECT" if field == "project" else f"EARSHOT_{field.upper()}"


@pytest.mark.parametrize("function", tf.FUNCTIONS)
def test_the_environment_of_a_function_is_its_settings_and_nothing_else(function: str) -> None:
    environment = set(tf.blocks("module")[function]["env"]) | tf.secrets(function)
    fields = {variable_name(name): field for name, field in SETTINGS[function].model_fields.items()}
    assert environment <= set(fields)
    assert {name for name, field in fields.items() if field.is_required()} <= environment


@pytest.mark.parametrize("function", tf.FUNCTIONS)
def test_no_function_in_the_cloud_may_fetch_from_private_networks(function: str) -> None:
    assert "EARSHOT_ALLOW_PRIVATE_ADDRESSES" not in tf.blocks("module")[function]["env"]


@pytest.mark.parametrize("function", tf.FUNCTIONS)
def test_a_function_has_one_name_from_extra_to_account(function: str) -> None:
    file = tf.parsed(tf.TERRAFORM / f"{function}.tf")
    module = file["module"][0][function]
    accounts = {
        name: body["account_id"] for block in file["data"] for name, body in block["google_service_account"].items()
    }
    assert function in tomllib.loads((tf.ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert (tf.ROOT / "functions" / function / "requirements.txt").exists()
    assert module["name"] == function
    assert module["image"] == f"${{var.images.{function}}}"
    assert module["commit"] == "${var.commit}"
    assert accounts == {function: function, f"{function}_caller": f"{function}-caller"}
    assert function in str(tf.local("functions", tf.TERRAFORM / "bootstrap"))


def test_each_table_has_a_schema_file_and_each_schema_file_a_table() -> None:
    keys = tf.local("table_keys")
    assert set(keys) == {
        path.name.removesuffix(".schema.json") for path in (tf.ROOT / "functions").rglob("*.schema.json")
    }
    for table, key in keys.items():
        assert set(key) <= {column.name for column in columns(table)}
    assert {table: tuple(key) for table, key in keys.items()} == KEYS  # so that the local stack makes the same


def test_each_view_is_a_module_made_after_those_that_it_reads() -> None:
    """Whatever it reads its address stays the same, so a view is changed in place and never destroyed."""
    modules = {
        name.removeprefix("view_"): body for name, body in tf.blocks("module").items() if name.startswith("view_")
    }
    assert set(modules) == set(views()), "terraform/views.tf has one module for each file of adapters/views"
    for name, body in modules.items():
        reads = {other for other in views() if f".{other}`" in view_query(name, "dataset")}
        wanted = {f"module.view_{other}" for other in reads} or {"module.table"}
        assert {str(dependency).strip("${}") for dependency in body["depends_on"]} == wanted, name
        assert (body["name"], f'local.views["{name}"]' in body["query"]) == (name, True)


def test_terraform_leaves_the_columns_of_a_table_that_exists_alone() -> None:
    """The provider drops columns in place, those of users among them; `earshot add-columns` adds what is new."""
    assert "schema" in str(tf.resource("google_bigquery_table", "table")["lifecycle"])
    deploy = yaml.safe_load((tf.ROOT / "cloudbuild.deploy.yaml").read_text())
    order = [step["id"] for step in deploy["steps"]]
    assert order.index("add-columns") < order.index("plan") < order.index("gate") < order.index("apply")


def test_new_revisions_get_traffic_after_they_have_been_tried() -> None:
    assert "traffic" in str(tf.resource("google_cloud_run_v2_service", "function")["lifecycle"])
    deploy = yaml.safe_load((tf.ROOT / "cloudbuild.deploy.yaml").read_text())
    steps = {step["id"]: step for step in deploy["steps"]}
    order = list(steps)
    wanted = ["hold-traffic", "apply", "tag-revisions", "try-revisions", "shift-traffic", "smoke", "back-if-it-failed"]
    assert [name for name in order if name in wanted] == wanted
    assert all(steps[name]["waitFor"] for name in wanted)
    assert all(function in str(deploy["options"]["env"]) for function in tf.FUNCTIONS)


def test_a_build_of_others_code_runs_without_the_deployer_s_rights() -> None:
    accounts = {
        name: yaml.safe_load((tf.ROOT / name).read_text())["serviceAccount"].split("/")[-1].split("@")[0]
        for name in ("cloudbuild.yaml", "cloudbuild.deploy.yaml")
    }
    assert accounts == {"cloudbuild.yaml": "builder", "cloudbuild.deploy.yaml": "deployer"}
    deploy = (tf.ROOT / "cloudbuild.deploy.yaml").read_text()
    assert not re.search(r"make |pytest|docker", deploy)
    assert "--only-binary :all: --require-hashes" in deploy


def test_a_view_s_only_placeholder_is_the_dataset() -> None:
    for name in views():
        text = (tf.ROOT / "functions/earshot/adapters/views" / f"{name}.sql").read_text()
        assert set(re.findall(r"\$\{(\w+)\}", text)) == {"dataset"}
        assert "%{" not in text  # would be a directive for templatefile


@pytest.mark.parametrize("function", tf.FUNCTIONS)
def test_deadlines_and_limits_equal_the_settings_defaults(function: str) -> None:
    fields = {name: field.default for name, field in SETTINGS[function].model_fields.items() if not field.is_required()}
    shared = {name for name in fields if "default" in VARIABLES.get(name, {})}
    shared -= {"crawl_timeout_s"}  # Cloud Scheduler waits half an hour, a person at a terminal longer
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


def test_a_long_crawl_runs_a_module_of_the_image_with_the_scraper_s_settings() -> None:
    job = str(tf.resource("google_cloud_run_v2_job", "crawl"))
    assert find_spec(re.search(r"'-m', '([a-z._]+)'", job)[1]) is not None  # type: ignore[index]
    environment = set(re.findall(r"\b(EARSHOT_[A-Z_]+)\b", job))
    assert environment == {"EARSHOT_CRAWL_TIMEOUT_S", "EARSHOT_MAX_PAGES"}
    assert environment <= {variable_name(name) for name in settings.Scraper.model_fields}
    longest = re.search(r"crawl.hours <= (\d+)", str(VARIABLES["crawls"]["validation"]))
    most = re.search(r"crawl.max_pages <= (\d+)", str(VARIABLES["crawls"]["validation"]))
    settings.Scraper(project="tests", crawl_timeout_s=int(longest[1]) * 3600 - 300, max_pages=int(most[1]))  # type: ignore[index]
    assert "module.scraper.env" in job
    assert "module.scraper.secrets" in job


def test_the_local_stack_is_wired_like_the_cloud() -> None:
    assert VARIABLES["ack_deadline_s"]["default"] == stack.ACK_DEADLINE_S
    assert VARIABLES["max_delivery_attempts"]["default"] == stack.MAX_ATTEMPTS
    prefixes = str(tf.resource("google_storage_notification", "audio_stored")["for_each"])
    assert set(re.findall(r'"(\w+/)"', prefixes)) == set(stack.WATCHED)
    assert set(stack.WATCHED) < set(analysing.OURS)
    for delivery in stack.DELIVERIES:
        name = delivery.topic.replace("-", "_")
        assert tf.resource("google_pubsub_topic", name)["name"] == delivery.topic
        assert tf.resource("google_pubsub_topic", f"{name}_dead")["name"] == f"{delivery.topic}-dead"
        assert tf.resource("google_pubsub_subscription", f"{name}_dead")["name"] == f"{delivery.topic}-dead"
        wired = str(tf.blocks("module")[delivery.function]["delivery"])
        assert f"google_pubsub_topic.{name}.id" in wired
        assert re.search(r"ordered\W+(true|false)", wired, re.IGNORECASE)[1].lower() == str(delivery.ordered).lower()  # type: ignore[index]
    bucket = tf.resource("google_storage_bucket", "audio")["name"]
    local = Endpoints.model_fields
    assert bucket.replace("${var.project}", local["project"].default) == local["bucket"].default
    assert tf.resource("google_bigquery_dataset", "earshot")["dataset_id"] == local["dataset"].default


def test_the_metric_counts_events_that_are_logged() -> None:
    counted = set(re.findall(r'"(\w+)"', tf.resource("google_logging_metric", "deliveries")["filter"])) - {
        "cloud_run_revision"
    }
    logged: set[str] = set()
    for path in (tf.ROOT / "functions/earshot").rglob("*.py"):
        logged |= set(re.findall(r'log\.info\("([\w ]+)"', path.read_text()))
    assert counted
    assert counted <= logged


def test_errors_of_every_service_alert_and_are_on_the_dashboard() -> None:
    watched = re.compile(r'service_name=~\\?"([a-z|]+)\\?"')
    (alerting,) = watched.findall(tf.local("alerts")["server-errors"]["query"])
    dashboard = (tf.TERRAFORM / "templates/dashboard.json.tftpl").read_text()
    (requests,) = watched.findall(next(line for line in dashboard.splitlines() if "request_count" in line))
    assert set(alerting.split("|")) == set(requests.split("|")) == set(tf.IMAGES)


def test_each_alert_has_its_section_of_the_runbook() -> None:
    page = (tf.ROOT / "docs/operations.md").read_text()
    alerts = set(tf.local("alerts"))
    assert alerts
    assert set(re.findall(r"^### Alert ([a-z-]+)$", page, re.MULTILINE)) == alerts
    assert "#alert-${each.key}" in str(tf.resource("google_monitoring_alert_policy", "alert")["documentation"])


def test_grants_are_added_one_by_one_and_on_one_resource() -> None:
    for path, kind, _, _ in resources_with_iam():
        assert kind.endswith(("_iam_member", "_iam_custom_role")), f"{kind} would take the role from everybody else"
        if kind.startswith("google_project_iam"):
            assert path.parent.name == "bootstrap", "only bootstrap may grant on the whole project"


def resources_with_iam() -> list[tuple[object, ...]]:
    return [found for found in tf.resources() if "_iam_" in found[1] and "workload_identity" not in found[1]]


def test_a_skipped_policy_has_a_reason() -> None:
    for path in tf.files():
        for skipped in re.findall(r"#checkov:skip=(.*)", path.read_text()):
            assert re.fullmatch(r"CKV2?_(GCP|SECRET)_\d+:.{20,}", skipped), skipped


@pytest.mark.parametrize("folder", ["", "bootstrap", "function", "table", "view"])
def test_a_variable_has_a_description_and_is_never_null(folder: str) -> None:
    for name, block in tf.blocks("variable", tf.TERRAFORM / folder).items():
        assert block["description"].endswith("."), name
        assert "type" in block, name
        if name not in ("delivery", "network"):  # null says that nothing is pushed, or that there is no network of ours
            assert block["nullable"] is False, name
        for rule in block.get("validation", []):
            assert rule["error_message"].endswith("."), name
    for name, block in tf.blocks("output", tf.TERRAFORM / folder).items():
        assert block["description"].endswith("."), name


def test_the_build_makes_and_signs_an_image_for_each_function() -> None:
    build = yaml.safe_load((tf.ROOT / "cloudbuild.yaml").read_text())
    steps = {step["id"]: step for step in build["steps"]}
    assert f"FUNCTIONS={' '.join(tf.IMAGES)}" in build["options"]["env"]
    for function in tf.IMAGES:
        assert steps[f"build-{function}"]["env"] == [f"FUNCTION={function}"]
        assert f"build-{function}" in steps["list-contents"]["waitFor"]
        assert any(image.endswith(f"/{function}:${{_RELEASE}}") for image in build["images"])
    assert steps["scan"]["waitFor"] == ["list-contents"]
    assert set(steps["push"]["waitFor"]) == {"check-and-test", "terraform", "scan"}
    roots = {path.parent.parent for path in tf.TERRAFORM.rglob("*.tftest.hcl")}
    assert all(str(root.relative_to(tf.ROOT)) in steps["terraform"]["script"] for root in roots)


def test_the_image_of_the_trainer_is_built_only_with_a_named_index_of_torch() -> None:
    """The build, the Dockerfile, make deploy, Terraform and docs/training.md name the same argument and image."""
    build = yaml.safe_load((tf.ROOT / "cloudbuild.yaml").read_text())
    steps = {step["id"]: step for step in build["steps"]}
    assert build["substitutions"]["_TORCH_INDEX"] == ""
    assert "TORCH_INDEX=${_TORCH_INDEX}" in build["options"]["env"]
    script = steps["build-trainer"]["script"]
    assert script.startswith('if [ -z "$TORCH_INDEX" ]; then')
    assert '--target trainer --build-arg FUNCTION="$FUNCTION"' in script
    assert '--build-arg TORCH_INDEX="$TORCH_INDEX"' in script
    assert "build-trainer" in steps["list-contents"]["waitFor"]
    for step in ("list-contents", "scan"):
        assert "${TORCH_INDEX:+trainer}" in steps[step]["script"], step
    assert "release/trainer.image.txt" in steps["push"]["script"]
    assert not any("trainer" in image for image in build["images"])  # Cloud Build fails where one of them is missing
    dockerfile = (tf.ROOT / "Dockerfile").read_text()
    (stage,) = re.findall(r"^FROM builder AS trainer-builder\n(.*?)^FROM ", dockerfile, re.DOTALL | re.MULTILINE)
    assert 'ARG TORCH_INDEX=""' in stage
    assert 'test -n "${TORCH_INDEX}"' in stage
    assert '--index-url "${TORCH_INDEX}" "${TORCH}"' in stage
    version = re.search(r"^ARG TORCH=(\S+)$", stage, re.MULTILINE)
    makefile = (tf.ROOT / "Makefile").read_text()
    assert version
    assert f"TORCH ?= {version[1]}\n" in makefile
    assert "TORCH_INDEX ?=\n" in makefile
    assert "_TORCH_INDEX=$(TORCH_INDEX)" in makefile
    locked = (tf.ROOT / "functions" / "trainer" / "requirements.txt").read_text()
    assert not re.search(r"^(torch|nvidia-\S+|triton)==", locked, re.MULTILINE)
    guide = (tf.ROOT / "docs" / "training.md").read_text()
    assert "make deploy PROJECT=… TORCH_INDEX=…" in guide
    assert "release/trainer.image.txt" in guide
    job = str(tf.resource("google_cloud_run_v2_job", "trainer"))
    assert "each.value.image" in job


def test_an_image_has_a_base_by_digest_and_runs_as_an_unprivileged_user() -> None:
    lines = (tf.ROOT / "Dockerfile").read_text().splitlines()
    assert any(re.fullmatch(r"ARG BASE=python:3\.\d+-slim@sha256:[0-9a-f]{64}", line) for line in lines)
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert all(re.fullmatch(r"[1-9]\d+:[1-9]\d+", user) for user in users)


@pytest.mark.parametrize("folder", ["terraform", "terraform/bootstrap"])
def test_the_providers_of_a_root_are_locked_for_every_platform(folder: str) -> None:
    wanted = {
        provider["source"]: provider["version"]
        for block in tf.parsed(tf.ROOT / folder / "versions.tf")["terraform"]
        for providers in block["required_providers"]
        for provider in providers.values()
    }
    locked = tf.parsed(tf.ROOT / folder / ".terraform.lock.hcl")["provider"]
    found = {name.removeprefix("registry.terraform.io/"): body for block in locked for name, body in block.items()}
    assert set(found) == set(wanted)
    for source, body in found.items():
        assert body["constraints"] == wanted[source].replace("7.44,", "7.44.0,").replace("9.0", "9.0.0")
        assert Version(body["version"]) in SpecifierSet(wanted[source])
        packages = [text for text in body["hashes"] if re.fullmatch("zh:[0-9a-f]{64}", text)]
        folders = [text for text in body["hashes"] if re.fullmatch("h1:[A-Za-z0-9+/]{43}=", text)]
        assert len(folders) == 11, "one for each platform"
        assert len(packages) == 12, "one for each platform, and the manifest"
        assert len(body["hashes"]) == 23


@pytest.mark.parametrize("function", tf.FUNCTIONS)
def test_locked_requirements_have_hashes_and_no_index(function: str) -> None:
    text = (tf.ROOT / "functions" / function / "requirements.txt").read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        assert "==" in requirement
        assert "--hash=sha256:" in requirement


def test_secrets_have_a_type_that_is_not_printed() -> None:
    for function in SETTINGS.values():
        for name, field in function.model_fields.items():
            if re.search(r"token|secret|password|api_key", name):
                assert "SecretStr" in str(field.annotation), name


def test_the_page_s_environment_is_its_settings_and_its_rights_are_few() -> None:
    service = str(tf.resource("google_cloud_run_v2_service", "listener"))
    environment = set(re.findall(r"\b(GOOGLE_CLOUD_PROJECT|EARSHOT_[A-Z_]+)\b", service))
    fields = {variable_name(name): field for name, field in Listener.model_fields.items()}
    assert environment <= set(fields)
    assert {name for name, field in fields.items() if field.is_required()} <= environment
    assert "EARSHOT_IAP_AUDIENCE" in environment
    for promise in ("'iap_enabled': True", "'session_affinity': True", "3600s"):
        assert promise in service
    roles = {
        name: str(body["role"])
        for path, _, name, body in tf.resources()
        if path.name == "listener.tf" and "role" in body
    }
    assert roles == {
        "proxy_calls_listener": "roles/run.invoker",
        "people": "roles/iap.httpsResourceAccessor",
        "listener_reads": roles["listener_reads"],
        "listener_keeps_uploads": "roles/storage.objectUser",
        "listener_appends_annotations": "roles/bigquery.dataEditor",
    }
    assert "annotations" in str(tf.resource("google_bigquery_table_iam_member", "listener_appends_annotations"))
