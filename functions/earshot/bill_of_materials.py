"""Lists what an image contains: a CycloneDX bill of materials and a table of licences, written at its build.

Named are the Python distributions of the environment that runs this module, each with its licence by its own metadata;
the shared libraries that wheels carry, whose licences the metadata of wheels does not say; and Debian's packages.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

from earshot.debian_packages import debian_packages

BUNDLED = {
    "x264": "GPL-2.0-or-later",
    "x265": "GPL-2.0-or-later",
    "avcodec": "LGPL-3.0-or-later",  # ffmpeg, as its build says; it loads x264 and x265: docs/decisions/0016
    "avdevice": "LGPL-3.0-or-later",
    "avfilter": "LGPL-3.0-or-later",
    "avformat": "LGPL-3.0-or-later",
    "avutil": "LGPL-3.0-or-later",
    "swresample": "LGPL-3.0-or-later",
    "swscale": "LGPL-3.0-or-later",
    "mp3lame": "LGPL-2.0-or-later",
    "sndfile": "LGPL-2.1-or-later",
    "sndfile_x86_64": "LGPL-2.1-or-later",
    "crc32c": "BSD-3-Clause",
    "drm": "MIT",
    "Xau": "MIT-open-group",
    "xcb": "MIT",
    "xcb-shape": "MIT",
    "xcb-shm": "MIT",
    "xcb-xfixes": "MIT",
    "asound": "LGPL-2.1-or-later",
    "gmp": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "gnutls": "LGPL-2.1-or-later",
    "hogweed": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "nettle": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "unistring": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "opus": "BSD-3-Clause",
    "vpx": "BSD-3-Clause",
    "dav1d": "BSD-2-Clause",
    "SvtAv1Enc": "BSD-3-Clause-Clear",
    "webp": "BSD-3-Clause",
    "webpmux": "BSD-3-Clause",
    "sharpyuv": "BSD-3-Clause",
    "opencore-amrnb": "Apache-2.0",
    "opencore-amrwb": "Apache-2.0",
    "vpl": "MIT",
    "gfortran": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "quadmath": "LGPL-2.1-or-later",
    "scipy_openblas64_": "BSD-3-Clause",
    # of the trainer: h5py, pillow, scipy, scikit-learn
    "aec": "BSD-2-Clause",
    "sz": "BSD-2-Clause",
    "hdf5": "BSD-3-Clause",
    "hdf5_hl": "BSD-3-Clause",
    "avif": "BSD-2-Clause",
    "brotlicommon": "MIT",
    "brotlidec": "MIT",
    "freetype": "FTL",
    "harfbuzz": "MIT",
    "jpeg": "IJG AND BSD-3-Clause AND Zlib",
    "lcms2": "MIT",
    "lzma": "0BSD",
    "openjp2": "BSD-2-Clause",
    "png16": "libpng-2.0",
    "tiff": "libtiff",
    "webpdemux": "BSD-3-Clause",
    "zstd": "BSD-3-Clause",
    "gomp": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "scipy_openblas": "BSD-3-Clause",
}
"""Library -> SPDX expression, as the library's project states it."""

BESIDE = {"pesq": "MIT AND LicenseRef-ITU-T-P.862"}
"""Distribution -> SPDX expression, where its metadata leaves out what it carries as source."""

LIBRARY = re.compile(r"(?:^|/)lib([A-Za-z0-9_-]+?)(?:-[0-9a-f]{8,})*\.so(?:\.([0-9.]+))?$")


@dataclass(frozen=True)
class Component:
    """A distribution, or a shared library that one carries."""

    name: str
    version: str
    licence: str
    """SPDX expression, or the words of the metadata; "not stated" where there are none."""
    inside: str = ""
    """The distribution that carries it; empty for a distribution."""
    is_debian: bool = False
    """A package of the image's Debian, not of Python."""


def components(found: Iterator[Distribution] | None = None, root: Path = Path("/")) -> list[Component]:
    """Distributions, the libraries that they carry, and the Debian packages below `root`, by name."""
    kept = {Component(one.name, one.version, one.licence, is_debian=True) for one in debian_packages(root)}
    for distribution in found or distributions():
        name, version = distribution.metadata["Name"], distribution.version
        kept.add(Component(name, version, _licence(distribution)))
        for file in distribution.files or ():
            library = LIBRARY.search(str(file))
            if library and (".libs/" in str(file) or "_data/" in str(file)):
                licence = BUNDLED.get(library[1], "not stated")
                kept.add(Component(library[1], library[2] or "", licence, inside=name))
    return sorted(kept, key=lambda one: (one.is_debian, one.inside, one.name.lower(), one.version))


def _licence(distribution: Distribution) -> str:
    """As named above, else by PEP 639's expression, else the classifiers, else the first line of the free text."""
    metadata = distribution.metadata
    if metadata["Name"] in BESIDE:
        return BESIDE[metadata["Name"]]
    if expression := _field(distribution, "License-Expression"):
        return expression
    classifiers = [
        value.rsplit(" :: ", 1)[1] for value in metadata.get_all("Classifier") or () if "License ::" in value
    ]
    if classifiers:
        return " AND ".join(sorted(set(classifiers)))
    return next((line.strip() for line in _field(distribution, "License").splitlines() if line.strip()), "not stated")


def _field(distribution: Distribution, name: str) -> str:
    """The first value of a field of the metadata, or an empty text."""
    return str(next(iter(distribution.metadata.get_all(name) or ()), ""))


def as_cyclonedx(listed: list[Component]) -> dict[str, Any]:
    """The components as a CycloneDX 1.5 document."""
    entries = []
    for component in listed:
        entry: dict[str, Any] = {"type": "library", "name": component.name, "version": component.version}
        if component.is_debian:
            entry["purl"] = f"pkg:deb/debian/{component.name}@{quote(component.version)}"
        elif not component.inside:
            package = re.sub(r"[-_.]+", "-", component.name).lower()
            entry["purl"] = f"pkg:pypi/{package}@{component.version}"
        else:
            entry["properties"] = [{"name": "earshot:carried-by", "value": component.inside}]
        if component.licence != "not stated":
            entry["licenses"] = [{"license": {"name": component.licence}}]
        entries.append(entry)
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": entries}


def as_table(listed: list[Component]) -> str:
    """The components as a Markdown table."""
    rows = [f"| {c.name} | {c.version} | {c.licence} | {'Debian' if c.is_debian else c.inside} |" for c in listed]
    return "\n".join(["| component | version | licence | carried by |", "|---|---|---|---|", *rows]) + "\n"


def main(folder: Path) -> None:
    """Write `sbom.cdx.json` and `LICENSES.md` into a folder."""
    listed = components()
    (folder / "sbom.cdx.json").write_text(json.dumps(as_cyclonedx(listed), indent=1) + "\n")
    (folder / "LICENSES.md").write_text(as_table(listed))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
