"""Include and exclude patterns of a request, over canonical URLs: `*` anything, `?` one character, `[…]` a set."""

import re
from collections.abc import Sequence
from fnmatch import translate


class Patterns:
    """Included and excluded URLs; without an include pattern everything is included."""

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include = [re.compile(translate(pattern)) for pattern in include]
        self._exclude = [re.compile(translate(pattern)) for pattern in exclude]

    def excludes(self, url: str) -> bool:
        """Whether the URL is neither read as a page nor published as audio."""
        return any(pattern.match(url) for pattern in self._exclude)

    def wants(self, url: str) -> bool:
        """Whether the URL may be published as audio."""
        included = not self._include or any(pattern.match(url) for pattern in self._include)
        return included and not self.excludes(url)
