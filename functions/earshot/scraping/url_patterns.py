"""Which addresses are wanted: shell patterns over canonical URLs (`*` anything, `?` one character, `[…]` a set)."""

import re
from collections.abc import Sequence
from fnmatch import translate


class Patterns:
    """What a request includes and excludes; no pattern to include means everything."""

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include = [re.compile(translate(pattern)) for pattern in include]
        self._exclude = [re.compile(translate(pattern)) for pattern in exclude]

    def excludes(self, url: str) -> bool:
        """Neither read as a page nor handed on as audio."""
        return any(pattern.match(url) for pattern in self._exclude)

    def wants(self, url: str) -> bool:
        """Handed on as audio."""
        included = not self._include or any(pattern.match(url) for pattern in self._include)
        return included and not self.excludes(url)
