from earshot.scraping.lately import Lately


def test_what_was_seen_is_not_new() -> None:
    lately = Lately()
    assert [lately.is_new(text) for text in ("a", "b", "a", "b", "c")] == [True, True, False, False, True]


def test_at_least_so_many_are_remembered_and_what_is_older_is_new_again() -> None:
    lately = Lately(10)
    assert all(lately.is_new(str(number)) for number in range(30))
    assert [number for number in (29, 20, 19, 0) if lately.is_new(str(number))] == [19, 0]


def test_what_keeps_coming_is_never_new() -> None:
    lately = Lately(10)
    lately.is_new("again")
    assert not any(lately.is_new("again") for number in range(100) if lately.is_new(str(number)))
