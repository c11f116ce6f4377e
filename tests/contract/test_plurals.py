"""Counts in messages: `1 recording`, `2 recordings`; all are written by `earshot.plurals.counted`."""

import re
from pathlib import Path

CLI = Path(__file__).parents[2] / "functions" / "earshot" / "cli"
NOUNS = "recordings|files|rows|links|pages|refusals|letters|objects|shards|frames|annotations|hosts|clips"
BARE = re.compile(rf"\{{(?!counted\()[^{{}}]*\}} (?:more |dead )?({NOUNS})\b")


def test_no_message_of_the_command_line_writes_a_count_with_a_plural_of_its_own() -> None:
    found = [(path.name, hit[0]) for path in CLI.rglob("*.py") for hit in BARE.finditer(path.read_text())]
    assert found == []
