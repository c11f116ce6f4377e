"""Which rows train, validate and test: by group always, so that no recording is on both sides."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from earshot.errors import BadRequest
from earshot.training.training_data_manifest import Row

SPLITS = ("train", "validation", "test")
BY_WINDOW = frozenset({"window", "frame", "row", "random"})


def split_by_group(
    rows: Sequence[Row],
    shares: Mapping[str, float],
    *,
    by: str = "group",
    seed: int = 0,
    held_out: frozenset[str] = frozenset(),
) -> list[Row]:
    """The rows with a split each; the same rows, shares and seed give the same splits in any order.

    Groups are taken in an order that follows from their hash, and each goes to the split that lacks most of its rarest
    label, so that rare labels are in every split where there are groups enough.

    Args:
        shares: of train, validation and test; they add up to 1.
        by: group; anything else is refused.
        held_out: groups of the frozen evaluation manifest, which are for the test whatever the shares.

    Raises:
        BadRequest: a split by window, shares that do not add up, or fewer groups than splits.
    """
    refuse_windows(by)
    wanted = {split: float(shares.get(split, 0)) for split in SPLITS}
    if min(wanted.values()) < 0 or abs(sum(wanted.values()) - 1) > 1e-6:
        raise BadRequest(f"shares of train, validation and test must add up to 1, not {sum(wanted.values()):g}")
    amounts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for label in row.labels or ("",):
            amounts[row.group][label] += row.end_ms - row.start_ms
    groups = sorted(amounts, key=lambda group: hashlib.sha256(f"{seed} {group}".encode()).hexdigest())
    chosen = {group: "test" for group in groups if group in held_out}
    free = [group for group in groups if group not in held_out]
    if held_out:  # the test is frozen: the others train and validate
        wanted = _without_test(wanted)
    needed = sum(share > 0 for share in wanted.values())
    if len(free) < needed:
        raise BadRequest(f"{len(free)} groups of recordings are too few for {needed} splits; annotate more recordings")
    chosen |= _assigned(free, amounts, wanted)
    return [replace(row, split=chosen[row.group]) for row in rows]


def refuse_windows(by: str) -> None:
    """Refuse a split by anything but groups.

    Raises:
        BadRequest: with the reason.
    """
    if by in BY_WINDOW:
        raise BadRequest(
            f"data.split.by={by} would put windows of one recording into train and test, so the test would measure how"
            " well the recording is remembered (1 to 5 points too high where it was tried); split by group"
        )
    if by != "group":
        raise BadRequest(f"data.split.by={by} is not known; split by group")


def _without_test(wanted: Mapping[str, float]) -> dict[str, float]:
    kept = wanted["train"] + wanted["validation"]
    return {"train": wanted["train"] / kept, "validation": wanted["validation"] / kept, "test": 0.0}


def _assigned(
    groups: Sequence[str], amounts: Mapping[str, Counter[str]], wanted: Mapping[str, float]
) -> dict[str, str]:
    """Rarest labels first: each group to the split that lacks most of its rarest label."""
    total: Counter[str] = Counter()
    for group in groups:
        total.update(amounts[group])
    order = sorted(groups, key=lambda group: min(total[label] for label in amounts[group]))  # stable: hash order within
    have: dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
    chosen: dict[str, str] = {}
    for group in order:
        rarest = min(amounts[group], key=lambda label: (total[label], label))

        def lacks(split: str, label: str = rarest) -> tuple[float, float]:
            return wanted[split] - have[split][label] / total[label], wanted[split]

        split = max((name for name in SPLITS if wanted[name] > 0), key=lacks)
        chosen[group] = split
        have[split].update(amounts[group])
    for split in SPLITS:  # a split that got nothing takes a group of the largest
        if wanted[split] > 0 and split not in chosen.values():
            largest = Counter(chosen.values()).most_common(1)[0][0]
            chosen[next(group for group in reversed(order) if chosen[group] == largest)] = split
    return chosen
