"""Names and texts use the field's words; the picture-language of the first version stays out."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURES = re.compile(r"\b(shelf|shelves|shelved|nursery|leash|front[ -]doors?|rooms?|chute|told)\b", re.IGNORECASE)
LETTERS = re.compile(r"(?<!dead )(?<!dead-)\bletters?\b", re.IGNORECASE)
ALLOWED = (
    "Piano in a small room",  # the title of a recording of the demo's site
    "lower-case letters",  # of the alphabet
    "with a letter",
    "google_storage_bucket.shelf",  # former addresses of resources
    "google_cloud_run_v2_service.room",
    "told apart",
    "letter-spacing",  # of CSS
    "label `room`",  # of the first version, in docs/upgrading.md
    "labels `room`",
)


def test_no_picture_stands_for_what_the_field_has_a_word_for() -> None:
    places = [
        "functions",
        "docs",
        "terraform",
        "README.md",
        "CONTRIBUTING.md",
        "Makefile",
        "Dockerfile",
        "cloudbuild.yaml",
    ]
    listed = subprocess.run(["git", "ls-files", *places], cwd=ROOT, capture_output=True, text=True, check=True)
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in (".png", ".onnx", ".gz") or not path.exists():
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            rest = line
            for words in ALLOWED:
                rest = rest.replace(words, "")
            if PICTURES.search(rest) or LETTERS.search(rest):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert found == []
