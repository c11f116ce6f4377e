"""Path patterns with what each allows: a path in, what the longest that matches says out, however many there are."""

from bisect import bisect_right
from collections.abc import Mapping

from earshot.adapters.path_patterns import Pattern

Rank = tuple[int, bool]  # length of the pattern, whether it allows: of equally long ones, the one that allows counts


class PathRules:
    """Rules by path pattern (RFC 9309, 2.2.2): the longest that matches counts, and nothing forbids where none does.

    A path is looked up among the patterns without an asterisk by its beginnings; of the others only those are tried
    that begin as it does, the longest first.
    """

    def __init__(self, rules: Mapping[str, bool]) -> None:
        """Create them of patterns in normal form, each with whether it allows."""
        self._whole: dict[str, Rank] = {}
        self._beginnings: dict[str, Rank] = {}
        self._with_asterisk: dict[str, list[tuple[Rank, Pattern]]] = {}
        for text, allowed in rules.items():
            rank = (len(text), allowed)
            beginning, asterisk, _ = text.partition("*")
            if asterisk:
                self._with_asterisk.setdefault(beginning, []).append((rank, Pattern(text)))
            elif text.endswith("$"):
                self._whole[text[:-1]] = rank
            else:
                self._beginnings[text] = rank
        for patterns in self._with_asterisk.values():
            patterns.sort(key=lambda one: one[0], reverse=True)
        self._lengths = sorted(set(map(len, self._beginnings)))
        self._lengths_before_asterisk = sorted(set(map(len, self._with_asterisk)))

    def allow(self, path: str) -> bool:
        """Whether a path in normal form is allowed."""
        best: Rank = self._whole.get(path, (0, True))
        for length in reversed(self._lengths[: bisect_right(self._lengths, len(path))]):
            if rank := self._beginnings.get(path[:length]):
                best = max(best, rank)
                break
        for length in self._lengths_before_asterisk:
            if length > len(path):
                break
            for rank, pattern in self._with_asterisk.get(path[:length], ()):
                if rank <= best:
                    break
                if pattern.matches(path):
                    best = rank
                    break
        return best[1]
