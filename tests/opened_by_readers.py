"""Opens an export with the library that it is for, and prints what that sees as JSON; runs where those are installed.

python opened_by_readers.py datasets|lhotse|webdataset|mlcroissant FOLDER
"""

import io
import json
import sys
from pathlib import Path


def by_datasets(folder):
    import soundfile
    from datasets import Audio, load_dataset

    seen = {}
    for split, rows in load_dataset(str(folder)).items():
        assert isinstance(rows.features["audio"], Audio)
        rows = rows.cast_column("audio", Audio(decode=False))  # decoding itself would need torchcodec
        seen[split] = [[row["key"], len(soundfile.read(io.BytesIO(row["audio"]["bytes"]))[0])] for row in rows]
    return seen


def by_lhotse(folder):
    from lhotse import CutSet, validate

    seen = {}
    for path in sorted(folder.glob("cuts_*.jsonl.gz")):
        cuts = CutSet.from_file(path).with_recording_path_prefix(folder).to_eager()
        validate(cuts, read_data=True)
        split = path.name.removeprefix("cuts_").partition(".")[0]
        seen[split] = [[cut.id, cut.load_audio().shape[1]] for cut in cuts]
    return seen


def by_webdataset(folder):
    import soundfile
    import webdataset

    seen = {}
    for path in sorted(folder.glob("*.tar")):
        for sample in webdataset.WebDataset(str(path), shardshuffle=False).decode():
            frames = len(soundfile.read(io.BytesIO(sample["wav"]))[0])
            seen.setdefault(path.name.partition("-")[0], []).append([sample["json"]["key"], frames])
    return seen


def by_mlcroissant(folder):
    import mlcroissant

    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    assert dataset.metadata.ctx.issues.errors == set(), dataset.metadata.ctx.issues.errors
    seen = {}
    for row in dataset.records("recordings"):
        split, key = row["recordings/split"].decode(), row["recordings/key"].decode()
        frames = round(row["recordings/duration_s"] * row["recordings/sample_rate_hz"])
        seen.setdefault(split, []).append([key, frames])
    return seen


if __name__ == "__main__":
    library, folder = sys.argv[1], Path(sys.argv[2])
    json.dump(globals()[f"by_{library}"](folder), sys.stdout)
