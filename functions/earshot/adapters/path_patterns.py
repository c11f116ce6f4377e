"""Path patterns of robots.txt and tdmrep.json: a prefix, `*` for anything, `$` for the end (RFC 9309, 2.2.3)."""

from urllib.parse import quote, urlsplit

UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986, 2.3
HEX = frozenset("0123456789abcdefABCDEF")
KEPT = "!#$%&'()*+,/:;=?@[]~"  # all other ASCII punctuation is escaped in either form of a path

MOST_ASTERISKS = 10_000  # of one file: each may take a search through a URL; patterns beyond are widened


class Pattern:
    """A pattern, in normal form, taken apart once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._ends = text.endswith("$")
        self._first, *rest = text.removesuffix("$").split("*")
        self._rest = [*filter(None, rest[:-1]), *rest[-1:]]

    def matches(self, path: str) -> bool:
        """Whether it matches a path in normal form.

        Takes time linear in both, whatever the pattern: no regular expression, no backtracking.
        """
        if not path.startswith(self._first):
            return False
        at = len(self._first)
        for number, piece in enumerate(self._rest, 1):
            if self._ends and number == len(self._rest):
                return len(path) - at >= len(piece) and path.endswith(piece)
            found = path.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        return at == len(path) if self._ends and not self._rest else True


def normalised(path: str) -> str:
    """A path or a pattern in normal form: what is not ASCII escaped, unreserved characters not, escapes in capitals."""
    first, *rest = quote(path, safe=KEPT, errors="replace").split("%")
    parts = [first]
    for piece in rest:
        octet = piece[:2]
        if len(octet) < 2 or not HEX.issuperset(octet):
            parts.append(f"%25{piece}")
            continue
        character = chr(int(octet, 16))
        parts.append((character if character in UNRESERVED else f"%{octet.upper()}") + piece[2:])
    return "".join(parts)


def widened(text: str) -> str:
    """A pattern as long as this one that matches whatever begins as it does up to its first asterisk."""
    beginning = text.partition("*")[0]
    return beginning.ljust(len(text), "*")


def path_of(url: str) -> str:
    """Path and query of a canonical URL: what patterns are compared with."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
