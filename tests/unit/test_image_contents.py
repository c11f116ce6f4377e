"""What an image contains, as its build lists it: here the environment of the tests."""

import re
from importlib.metadata import version
from pathlib import Path

from earshot.bill_of_materials import as_cyclonedx, as_table, components, main

ROOT = Path(__file__).parents[2]


def listed():
    return {(component.inside, component.name): component for component in components(root=Path("/nowhere"))}


def test_each_distribution_has_its_version_and_licence():
    pydantic = listed()[("", "pydantic")]
    assert (pydantic.version, pydantic.licence) == (version("pydantic"), "MIT")


def test_the_gpl_parts_that_pyav_carries_are_named():
    x264 = listed()[("av", "x264")]
    assert x264.licence == "GPL-2.0-or-later"
    assert listed()[("av", "avcodec")].licence == "LGPL-3.0-or-later"


def test_the_terms_of_pesq_s_c_code_are_named_beside_its_licence():
    assert listed()[("", "pesq")].licence == "MIT AND LicenseRef-ITU-T-P.862"


def test_every_library_in_a_wheel_of_a_function_has_a_licence():
    locks = (path for path in (ROOT / "functions").glob("*/requirements.txt") if path.parent.name != "conductor")
    text = "\n".join(path.read_text() for path in locks)
    names = re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)
    carried = [c for c in components() if c.inside and c.inside.lower().replace("_", "-") in names]
    assert {("av", "x264"), ("numpy", "gfortran")} <= {(c.inside, c.name) for c in carried}
    assert [f"{c.inside}: {c.name}" for c in carried if c.licence == "not stated"] == []


def test_debian_s_packages_have_the_licences_of_their_copyright_files(tmp_path):
    database = tmp_path / "var/lib/dpkg/status"
    database.parent.mkdir(parents=True)
    database.write_text(
        "Package: libchromaprint1\nStatus: install ok installed\nVersion: 1.5.1-2+b1\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
        "Package: plain\nStatus: install ok installed\nVersion: 2\n"
    )
    page = tmp_path / "usr/share/doc/libchromaprint1/copyright"
    page.parent.mkdir(parents=True)
    page.write_text("Format: https://www.debian.org/doc/\n\nFiles: *\nLicense: LGPL-2.1+\n\nFiles: x\nLicense: Expat\n")
    listed = [c for c in components(iter(()), tmp_path) if c.is_debian]
    assert [(c.name, c.version, c.licence) for c in listed] == [
        ("libchromaprint1", "1.5.1-2+b1", "Expat AND LGPL-2.1+"),
        ("plain", "2", "not stated"),
    ]
    urls = [entry["purl"] for entry in as_cyclonedx(listed)["components"]]
    assert urls == ["pkg:deb/debian/libchromaprint1@1.5.1-2%2Bb1", "pkg:deb/debian/plain@2"]
    assert "| plain | 2 | not stated | Debian |" in as_table(listed)


def test_the_list_is_cyclonedx_with_package_urls(tmp_path):
    document = as_cyclonedx(components())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    urls = {entry.get("purl") for entry in document["components"]}
    assert f"pkg:pypi/pydantic@{version('pydantic')}" in urls


def test_both_files_are_written(tmp_path):
    main(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"sbom.cdx.json", "LICENSES.md"}
    assert "| pydantic |" in as_table(components())
