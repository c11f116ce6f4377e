"""Each refusal has advice."""

from earshot.errors import GiveUp
from earshot.operating.refusal_advice import ADVICE, advice


def reasons(kind: type[GiveUp]) -> set[str]:
    return {kind.reason}.union(*(reasons(sub) for sub in kind.__subclasses__()))


def test_every_reason_has_advice_and_no_other():
    assert ADVICE.keys() == reasons(GiveUp) - {"gave_up"} | {"come_again"}
    assert advice("from_a_newer_version") == ""
