"""The `Link` header (RFC 8288): the licence that it names. Scanned from left to right, once."""

LONGEST = 65_536  # characters of all Link lines together


def licence_in_link(header: str | None) -> str | None:
    """The URL in a `Link: <…>; rel=license` header, or None."""
    text = (header or "")[:LONGEST]
    at = text.find("<")
    while at >= 0:
        end = text.find(">", at)
        if end < 0:
            return None
        following = text.find("<", end)
        parameters = text[end + 1 : following if following >= 0 else len(text)]
        if "license" in _relations(parameters):
            return text[at + 1 : end]
        at = following
    return None


def _relations(parameters: str) -> list[str]:
    """Relations in what follows a target up to the next one, in lower case."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "rel":
            return value.strip().rstrip(",").strip().strip('"').lower().split()
    return []
