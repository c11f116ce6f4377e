"""Models in the registry of a bucket and in a model hub."""

import json
import uuid

import pytest

from earshot.adapters import google_clients
from earshot.adapters.model_hub import download_model, upload_model
from earshot.adapters.model_registry import ModelRegistry
from earshot.errors import BadRequest
from earshot.tagging.onnx_model import ModelRefused, OnnxModel
from tests import tiny_models
from tests.model_hub import ModelHub


@pytest.fixture
def registry(storage_server, monkeypatch):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_server)
    client = google_clients.storage("tests")
    return ModelRegistry(client.create_bucket(f"models-{uuid.uuid4().hex[:8]}"))


@pytest.fixture
def hub(monkeypatch):
    hub = ModelHub()
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield hub
    hub.stop()


def test_a_model_goes_into_the_registry_and_comes_out_as_it_was(registry, tmp_path) -> None:
    made = tiny_models.write_content(tmp_path / "made")
    manifest = registry.put(made)
    place = registry.fetch("content", manifest.version, tmp_path / "here", tmp_path / "backbones")
    assert OnnxModel.load(place).sha256 == manifest.sha256
    assert [model.version for model in registry.listed("content")] == [manifest.version]


def test_a_backbone_comes_with_its_head(registry, tmp_path) -> None:
    head = tiny_models.write_with_backbone(tmp_path / "head", tmp_path / "backbones")
    (backbone,) = (tmp_path / "backbones").iterdir()
    manifest = registry.put(head, backbone)
    place = registry.fetch("content", manifest.version, tmp_path / "here", tmp_path / "there")
    assert OnnxModel.load(place, backbones=tmp_path / "there").labels == ("music", "noise")


def test_without_a_pointer_nothing_is_chosen(registry) -> None:
    assert registry.current("content") is None


def test_the_pointer_moves_and_each_move_is_newer(registry, tmp_path) -> None:
    first = registry.put(tiny_models.write_content(tmp_path / "first")).version
    second = registry.put(tiny_models.write_content(tmp_path / "second", version="20260201T000000Z-0123abcd")).version
    moves = [registry.use("content", version) for version in (first, second, first)]
    assert registry.current("content") == moves[-1]
    assert [move.generation for move in moves] == sorted({move.generation for move in moves})
    registry.clear("content")
    assert registry.current("content") is None


def test_a_version_that_is_not_there_is_not_chosen(registry) -> None:
    with pytest.raises(BadRequest, match="no model 7"):
        registry.use("content", "7")


def test_a_model_that_is_not_there_is_refused_by_name(registry, tmp_path) -> None:
    with pytest.raises(ModelRefused, match="20260101T000000Z-00000000"):
        registry.fetch("content", "20260101T000000Z-00000000", tmp_path, tmp_path)


def test_a_pointer_that_cannot_be_read_is_refused(registry) -> None:
    registry.bucket.blob("models/content/current.json").upload_from_string("[]")
    with pytest.raises(ModelRefused, match="names no version"):
        registry.current("content")


def test_a_version_is_never_replaced(registry, tmp_path) -> None:
    version = registry.put(tiny_models.write_content(tmp_path / "one")).version
    registry.put(tiny_models.write_content(tmp_path / "other", name="other"))
    (manifest,) = registry.listed("content")
    assert (manifest.version, manifest.name) == (version, "tiny")


def test_a_model_goes_to_a_hub_and_comes_back_by_its_commit(hub, tmp_path) -> None:
    made = tiny_models.write_content(tmp_path / "made")
    commit = upload_model(made, "hf://somebody/content")
    (tmp_path / "made" / "model.json").write_text("{}")
    upload_model(made, "hf://somebody/content")
    place, backbone, found = download_model(f"hf://somebody/content@{commit}", tmp_path / "here")
    assert (found, backbone) == (commit, None)
    assert OnnxModel.load(place).name == "tiny"


def test_the_newest_revision_is_pinned_to_its_commit(hub, tmp_path) -> None:
    commit = upload_model(tiny_models.write_content(tmp_path / "made"), "hf://somebody/content")
    assert download_model("hf://somebody/content", tmp_path / "here")[2] == commit


def test_a_repository_that_is_not_there_is_wrong_usage(hub, tmp_path) -> None:
    with pytest.raises(BadRequest, match="hf://nobody/nothing"):
        download_model("hf://nobody/nothing", tmp_path)


def test_a_repository_without_a_model_is_wrong_usage(hub, tmp_path) -> None:
    hub.repos["somebody/words"] = {"README.md": b"words"}
    with pytest.raises(BadRequest, match=r"has no model\.json"):
        download_model("hf://somebody/words", tmp_path)


@pytest.mark.parametrize("address", ["hf://one", "hf://a/b/c", "hf://a/../b", "https://a/b", "hf://a/b@x y"])
def test_an_address_of_another_form_is_wrong_usage(address, tmp_path) -> None:
    with pytest.raises(BadRequest, match="is not hf://"):
        download_model(address, tmp_path)


def test_a_folder_is_imported_chosen_listed_and_compared(registry, own, tmp_path, monkeypatch) -> None:
    from typer.testing import CliRunner

    from earshot.cli import app

    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "tests")
    monkeypatch.setenv("EARSHOT_TARGET", "cloud")
    monkeypatch.setenv("EARSHOT_BUCKET", registry.bucket.name)
    monkeypatch.setenv("EARSHOT_DATASET", own.name)
    made = tiny_models.write_content(tmp_path / "made")

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["models", *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    run("import", str(made), "--use")
    rows = json.loads(run("list", "--format", "json"))
    assert [row["version"] for row in rows if row["answers"] and row["task"] == "content"] == [tiny_models.VERSION]
    assert json.loads(run("show", "content", tiny_models.VERSION))["name"] == "tiny"
    assert "window_ms" in run("compare", "content", tiny_models.VERSION, tiny_models.VERSION)
    run("use", "content", "shipped")
    assert registry.current("content") is None
    assert "in_use" in {row["stage"] for row in own.view("models")}
    done = CliRunner().invoke(app, ["models", "use", "content", "20260101T000000Z-00000000"])
    assert done.exit_code == 1


def test_a_choice_that_the_table_does_not_show_is_named(registry, own, tmp_path, monkeypatch) -> None:
    from typer.testing import CliRunner

    from earshot.cli import app

    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "tests")
    monkeypatch.setenv("EARSHOT_TARGET", "cloud")
    monkeypatch.setenv("EARSHOT_BUCKET", registry.bucket.name)
    monkeypatch.setenv("EARSHOT_DATASET", "not_there")
    version = registry.put(tiny_models.write_content(tmp_path / "made")).version
    done = CliRunner().invoke(app, ["models", "use", "content", version])
    assert done.exit_code == 1
    assert "the table models does not say so" in " ".join(done.output.split())
    assert registry.current("content").version == version
