"""Lists the Debian packages of an image, with the licences that their copyright files name.

Read are dpkg's own database and `/usr/share/doc/PACKAGE/copyright`, which images keep where they leave other
documentation out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATABASE = "var/lib/dpkg/status"
MOST_LICENCES = 12
"""Of one package; a copyright file of ffmpeg or glibc names dozens of files' own."""


@dataclass(frozen=True)
class DebianPackage:
    """A package that is installed."""

    name: str
    version: str
    licence: str
    """Debian's short names, joined by AND; "not stated" where the copyright file is free text, or missing."""


def debian_packages(root: Path = Path("/")) -> list[DebianPackage]:
    """The packages that are installed below a root, by name; none where there is no dpkg."""
    database = root / DATABASE
    if not database.exists():
        return []
    return sorted(_read(database, root), key=lambda package: package.name)


def _read(database: Path, root: Path) -> Iterator[DebianPackage]:
    for paragraph in database.read_text(errors="replace").split("\n\n"):
        fields = dict(re.findall(r"^(Package|Status|Version): (.+)$", paragraph, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed"):
            name = fields["Package"]
            yield DebianPackage(name, fields.get("Version", ""), _licence(root / "usr/share/doc" / name / "copyright"))


def _licence(copyright_file: Path) -> str:
    """The licences of a machine-readable copyright file, by Debian's policy for `debian/copyright`, 1.0."""
    try:
        text = copyright_file.read_text(errors="replace")
    except OSError:
        return "not stated"
    if "Format:" not in text[:400]:
        return "not stated"
    named = sorted({name.strip() for name in re.findall(r"^License: *(\S.*)$", text, re.MULTILINE)})
    more = " AND others" if len(named) > MOST_LICENCES else ""
    return (" AND ".join(named[:MOST_LICENCES]) + more) or "not stated"
