"""What `earshot models import` brings: folders of models, and the backbones that they need."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from earshot.adapters.model_hub import download_model
from earshot.cli.target import Target, say
from earshot.errors import BadRequest
from earshot.tagging.model_manifest import BadManifest, ModelManifest
from earshot.tagging.onnx_model import MODEL_BYTES, ModelRefused, OnnxModel, file_sha256

TIMEOUT_S = 60.0


def imported(
    source: Sequence[str], sha256: str | None, folder: Path, target: Target
) -> Iterator[tuple[Path, Path | None]]:
    """Each model of a source, checked, and its backbone.

    Raises:
        BadRequest: nothing that can be imported, or another hash than the pinned one.
        ModelRefused: with the reason.
    """
    if source[0] == "yamnet":
        if len(source) != 2:
            raise BadRequest("say where yamnet.h5 is: earshot models import yamnet PATH|gs://…|https://…")
        yield from _yamnet(source[1], sha256, folder, target)
        return
    if len(source) != 1:
        raise BadRequest("name one source")
    if source[0].startswith("hf://"):
        place, backbone, commit = download_model(source[0], folder / "hub")
        say.print(f"{source[0]} is commit {commit}")
    else:
        place = Path(source[0])
        backbone = place / "backbone" if (place / "backbone").is_dir() else None
    yield _checked(place, backbone, sha256, folder)


def _checked(place: Path, backbone: Path | None, sha256: str | None, folder: Path) -> tuple[Path, Path | None]:
    try:
        manifest = ModelManifest.from_json((place / "model.json").read_bytes())
    except (OSError, BadManifest) as error:
        raise ModelRefused(f"{place}: {error}") from error
    if sha256 and manifest.sha256 != sha256:
        raise BadRequest(f"model.onnx has the hash {manifest.sha256}, wanted is {sha256}")
    backbones = None
    if backbone and manifest.backbone:
        backbones = folder / "backbones"
        shutil.copytree(backbone, backbones / manifest.backbone.sha256)
    OnnxModel.load(place, backbones=backbones)
    return place, backbone


def _yamnet(where: str, sha256: str | None, folder: Path, target: Target) -> Iterator[tuple[Path, Path | None]]:
    from earshot.operating.import_yamnet import convert

    weights = folder / "yamnet.h5"
    _bring(where, weights, target)
    found = file_sha256(weights)
    say.print(f"yamnet.h5 has the hash {found}; YAMNet by Google, Apache-2.0")
    if sha256 and found != sha256:
        raise BadRequest(f"yamnet.h5 has the hash {found}, wanted is {sha256}")
    backbone, heads = convert(weights, folder / "converted")
    for head in heads:
        yield _checked(head, backbone, None, folder / head.name)


def _bring(where: str, path: Path, target: Target) -> None:
    """Copy a file of this machine, a bucket or the web.

    Raises:
        BadRequest: it is not there, or larger than a model may be.
    """
    if where.startswith("https://"):
        import requests

        with requests.get(where, stream=True, timeout=TIMEOUT_S) as answer, path.open("wb") as file:
            if answer.status_code != requests.codes.ok:
                raise BadRequest(f"{where} answers {answer.status_code}")
            for block in answer.iter_content(1 << 20):
                if file.tell() + len(block) > MODEL_BYTES:
                    raise BadRequest(f"{where} is larger than {MODEL_BYTES} bytes")
                file.write(block)
    elif where.startswith("gs://"):
        bucket, _, name = where.removeprefix("gs://").partition("/")
        blob = target.bucket.client.bucket(bucket).get_blob(name)
        if blob is None or int(blob.size or 0) > MODEL_BYTES:
            raise BadRequest(f"{where} is not there, or larger than {MODEL_BYTES} bytes")
        blob.download_to_filename(str(path))
    elif Path(where).is_file():
        shutil.copyfile(where, path)
    else:
        raise BadRequest(f"{where} is no file, and neither gs://… nor https://…")
