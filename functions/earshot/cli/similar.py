"""`earshot similar`: recordings that sound like a file or like a stored recording."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from earshot.adapters.model_registry import ModelRegistry
from earshot.cli.display import show
from earshot.cli.options import Form
from earshot.cli.target import Cloud, DataDir, Target, at, explained
from earshot.errors import BadRequest

OF_RECORDING = """
SELECT model_version, TO_JSON_STRING(embedding) AS embedding FROM embeddings
WHERE gcp_url = @subject AND task = 'content'
"""
NEAREST = """
WITH asked AS (
  SELECT ARRAY(
    SELECT CAST(number AS FLOAT64)
    FROM UNNEST(JSON_VALUE_ARRAY(@embedding)) AS number WITH OFFSET AS place
    ORDER BY place
  ) AS embedding
)
SELECT
  kept.gcp_url,
  recording.file_name,
  recording.source_url,
  1 - COSINE_DISTANCE(kept.embedding, asked.embedding) AS similarity
FROM embeddings AS kept
JOIN audio_metadata AS recording ON recording.gcp_url = kept.gcp_url
CROSS JOIN asked
WHERE kept.model_version = @model_version AND kept.task = 'content' AND kept.gcp_url != @subject
ORDER BY similarity DESC, kept.gcp_url
LIMIT {count}
"""


@explained
def similar(
    subject: Annotated[str, typer.Argument(metavar="FILE|gs://…", help="A file, or a recording of the bucket.")],
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many to list.")] = 10,
    form: Form = None,
    data_dir: DataDir = None,
    cloud: Cloud = False,
) -> None:
    """List the recordings that sound most like a file or a stored recording.

    Compares mean embeddings (cosine), which only a model with a backbone makes: import one by
    `earshot models import yamnet …`, choose it, and hear the recordings again by `earshot tag`.
    """
    with at(data_dir, cloud) as target:
        version, embedding = _of_stored(target, subject) if subject.startswith("gs://") else _of_file(target, subject)
        sql = NEAREST.format(count=int(count))
        rows = target.query(sql, embedding=embedding, model_version=version, subject=subject)
        show(rows, form, columns=("gcp_url", "file_name", "source_url", "similarity"))


def _of_stored(target: Target, gcp_url: str) -> tuple[str, str]:
    rows = target.query(OF_RECORDING, subject=gcp_url)
    if not rows:
        raise BadRequest(f"{gcp_url} has no embedding: no model with a backbone has heard it")
    return str(rows[0]["model_version"]), str(rows[0]["embedding"])


def _of_file(target: Target, name: str) -> tuple[str, str]:
    from earshot.sound.decode import opened
    from earshot.sound.limits_per_file import Limits
    from earshot.tagging.onnx_model import OnnxModel
    from earshot.tagging.tag_recording import one_channel
    from earshot.tagging.task_stream import TaskStream

    if not Path(name).is_file():
        raise BadRequest(f"{name} is no file, and no gs://…")
    registry = ModelRegistry(target.bucket)
    pointer = registry.current("content")
    if pointer is None:
        raise BadRequest(
            "content is answered by the shipped model, which has no backbone: earshot models import yamnet …"
        )
    with TemporaryDirectory(prefix="earshot-") as folder:
        backbones = Path(folder, "backbones")
        model = OnnxModel.load(registry.fetch("content", pointer.version, Path(folder), backbones), backbones=backbones)
        with opened(Path(name), Limits()) as decoding:
            stream = TaskStream(model, decoding.stated.sample_rate_hz)
            for block in decoding:
                stream.add(one_channel(block))
            stream.flush()
    if stream.mean_embedding is None:
        raise BadRequest(f"{model.name} {model.version} has no backbone, so it makes no embedding")
    return model.version, json.dumps(stream.mean_embedding)
