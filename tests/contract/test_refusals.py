"""docs/refusals.md lists exactly the reasons that the code gives, and says of each whether its source can change it."""

import re
from pathlib import Path

import pytest

from earshot.errors import GiveUp

PAGE = Path(__file__).parents[2] / "docs" / "refusals.md"
ROWS = {
    code: (meaning, retryable, advice)
    for code, meaning, retryable, advice in re.findall(
        r"^\| `(\w+)` \| (.+?) \| (yes|no) \| (.+?) \|$", PAGE.read_text(), re.MULTILINE
    )
}


def kinds(parent: type[GiveUp] = GiveUp) -> list[type[GiveUp]]:
    return [kind for child in parent.__subclasses__() for kind in (child, *kinds(child))]


def test_each_reason_has_a_row_and_each_row_a_reason() -> None:
    assert set(ROWS) == {kind.reason for kind in kinds()}


def test_no_two_errors_share_a_reason() -> None:
    reasons = [kind.reason for kind in kinds()]
    assert len(reasons) == len(set(reasons))


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.reason)
def test_a_row_says_whether_the_source_can_change_it(kind: type[GiveUp]) -> None:
    assert ROWS[kind.reason][1] == ("yes" if kind.retryable else "no")
