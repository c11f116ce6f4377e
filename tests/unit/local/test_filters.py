"""Subscription filters, by the grammar of Pub/Sub's documentation."""

import pytest

from earshot.local.pubsub.filters import UnreadableFilter, compile_filter

ATTRIBUTES = {"eventType": "OBJECT_FINALIZE", "objectId": "audio/1.wav", "a-b": 'say "x"'}


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "attributes:eventType",
        'attributes.eventType = "OBJECT_FINALIZE"',
        'attributes.eventType!="OBJECT_DELETE"',
        'attributes.absent != "anything"',
        'hasPrefix(attributes.objectId, "audio/")',
        "NOT attributes:absent",
        "-attributes:absent",
        'attributes:absent OR attributes.eventType = "OBJECT_FINALIZE"',
        'attributes:eventType AND NOT (attributes:absent OR attributes.objectId = "x")',
        'attributes."a-b" = "say \\"x\\""',
        'attributes.a-b = "say \\"x\\""',
    ],
)
def test_a_filter_lets_through_what_it_describes(expression: str) -> None:
    assert compile_filter(expression)(ATTRIBUTES)


@pytest.mark.parametrize(
    "expression",
    [
        "attributes:absent",
        'attributes.eventType = "object_finalize"',
        'attributes.absent = ""',
        'hasPrefix(attributes.absent, "audio/")',
        "attributes:eventType AND attributes:absent",
        "NOT attributes:eventType",
    ],
)
def test_a_filter_keeps_out_the_rest(expression: str) -> None:
    assert not compile_filter(expression)(ATTRIBUTES)


@pytest.mark.parametrize(
    "expression",
    [
        "attributes",
        "size > 3",
        "attributes.a = b",
        'attributes.a = "b" AND',
        "attributes:a AND attributes:b OR attributes:c",
        "(attributes:a",
        "attributes:a)",
        'hasPrefix(attributes.a "b")',
        "attributes:a; DROP",
    ],
)
def test_what_is_not_in_the_language_is_refused(expression: str) -> None:
    with pytest.raises(UnreadableFilter):
        compile_filter(expression)
