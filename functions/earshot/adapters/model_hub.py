"""Models from and to a repository of a model hub, by huggingface_hub: the revision is pinned to a commit."""

import os
import re
from pathlib import Path
from typing import Any

from earshot.errors import BadRequest, ComeAgain
from earshot.tagging.onnx_model import MODEL_BYTES

ADDRESS = re.compile(r"^hf://(?P<repo>[\w.-]{1,96}/[\w.-]{1,96})(?:@(?P<revision>[\w./-]{1,100}))?$")
FILES = ("model.json", "model.onnx")
BACKBONE_FILES = ("backbone/backbone.json", "backbone/model.onnx")


def download_model(address: str, folder: Path) -> tuple[Path, Path | None, str]:
    """Bring a model onto this machine, and the backbone in it if there is one.

    Returns:
        Folder of the model, folder of its backbone or None, and the commit that the revision was.

    Raises:
        BadRequest: no such address, repository, revision or file, or a file over the limit.
        ComeAgain: the hub does not answer.
    """
    repo, revision = parsed(address)
    api, errors = _hub()
    try:
        info = api.model_info(repo, revision=revision, files_metadata=True)
        commit = str(info.sha)
        sizes = {found.rfilename: int(found.size or 0) for found in info.siblings or ()}
        wanted = [*FILES, *(BACKBONE_FILES if BACKBONE_FILES[0] in sizes else ())]
        for name in wanted:
            if name not in sizes:
                raise BadRequest(f"{address} has no {name}")
            if sizes[name] > MODEL_BYTES:
                raise BadRequest(f"{name} of {address} is {sizes[name]} bytes, limit is {MODEL_BYTES}")
            api.hf_hub_download(repo, name, revision=commit, local_dir=folder)
    except errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        if status in (401, 403, 404):
            raise BadRequest(f"{address}: {str(error).splitlines()[0]}") from error
        raise ComeAgain(f"{address}: {error}") from error
    return folder, folder / "backbone" if len(wanted) > len(FILES) else None, commit


def upload_model(folder: Path, address: str) -> str:
    """Put a model into a repository, which is made where it is not there; returns the commit.

    Raises:
        BadRequest: no such address, or no right to write there.
        ComeAgain: the hub does not answer.
    """
    repo, _ = parsed(address)
    api, errors = _hub()
    try:
        api.create_repo(repo, exist_ok=True)
        done = api.upload_folder(
            repo_id=repo, folder_path=folder, allow_patterns=list(FILES), commit_message="Add a model of earshot"
        )
    except errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        kind = BadRequest if status in (401, 403, 404) else ComeAgain
        raise kind(f"{address}: {str(error).splitlines()[0]}") from error
    return str(done.oid)


def parsed(address: str) -> tuple[str, str | None]:
    """Repository and revision of hf://OWNER/REPO[@REVISION].

    Raises:
        BadRequest: not such an address.
    """
    found = ADDRESS.match(address)
    if not found:
        raise BadRequest(f"{address} is not hf://OWNER/REPO or hf://OWNER/REPO@REVISION")
    return found["repo"], found["revision"]


def _hub() -> tuple[Any, Any]:
    try:
        from huggingface_hub import HfApi, errors
    except ImportError as error:
        raise BadRequest("a hub needs huggingface_hub: `make extra NAME=models`") from error
    return HfApi(endpoint=os.environ.get("HF_ENDPOINT")), errors
