"""Checksums: the bytes against what their source declared, an MD5 or a Subresource Integrity value (W3C SRI, 3.5)."""

import base64
import hashlib

MATCHES, DIFFERS = "matches", "differs"
ALGORITHMS = ("sha512", "sha384", "sha256")  # of several, the strongest counts


class Integrity:
    """Compares bytes, given block by block, with the declared checksum."""

    def __init__(self, declared_md5: str | None, declared_sri: str | None) -> None:
        self._declared: dict[str, set[str]] = {}
        sri = _strongest(declared_sri or "")
        if sri:
            self._declared = sri
        elif declared_md5:
            self._declared = {"md5": {declared_md5.lower()}}
        self._digests = [hashlib.new(name, usedforsecurity=False) for name in self._declared]

    def update(self, block: bytes) -> None:
        """The next bytes."""
        for digest in self._digests:
            digest.update(block)

    def verdict(self) -> str | None:
        """`matches` or `differs`; None where nothing readable was declared."""
        for digest in self._digests:
            return MATCHES if digest.hexdigest() in self._declared[digest.name] else DIFFERS
        return None


def _strongest(sri: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for word in sri.split():
        name, _, value = word.partition("?")[0].partition("-")
        try:
            digest = base64.b64decode(value, validate=True).hex()
        except ValueError:  # binascii.Error is one; text that is not ASCII is another
            continue
        found.setdefault(name, set()).add(digest)
    return next(({name: found[name]} for name in ALGORITHMS if name in found), {})
