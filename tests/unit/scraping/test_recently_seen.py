from earshot.scraping.recently_seen import RecentlySeen


def test_what_was_seen_is_not_new() -> None:
    recently_seen = RecentlySeen()
    assert [recently_seen.is_new(text) for text in ("a", "b", "a", "b", "c")] == [True, True, False, False, True]


def test_at_least_so_many_are_remembered_and_what_is_older_is_new_again() -> None:
    recently_seen = RecentlySeen(10)
    assert all(recently_seen.is_new(str(number)) for number in range(30))
    assert [number for number in (29, 20, 19, 0) if recently_seen.is_new(str(number))] == [19, 0]


def test_what_keeps_coming_is_never_new() -> None:
    recently_seen = RecentlySeen(10)
    recently_seen.is_new("again")
    assert not any(recently_seen.is_new("again") for number in range(100) if recently_seen.is_new(str(number)))


def test_a_hundred_thousand_are_remembered_and_memory_is_bounded() -> None:
    recently_seen = RecentlySeen()
    assert all(recently_seen.is_new(str(number)) for number in range(250_000))
    assert not recently_seen.is_new("150000")
    assert recently_seen.is_new("0")
