"""What an image contains, as its build lists it: here the environment of the tests."""

from importlib.metadata import version

from earshot.bill_of_materials import as_cyclonedx, as_table, components, main


def listed():
    return {(component.inside, component.name): component for component in components()}


def test_each_distribution_has_its_version_and_licence():
    pydantic = listed()[("", "pydantic")]
    assert (pydantic.version, pydantic.licence) == (version("pydantic"), "MIT")


def test_the_gpl_parts_that_pyav_carries_are_named():
    x264 = listed()[("av", "x264")]
    assert x264.licence == "GPL-2.0-or-later"
    assert listed()[("av", "avcodec")].licence == "LGPL-3.0-or-later"


def test_the_terms_of_pesq_s_c_code_are_named_beside_its_licence():
    assert listed()[("", "pesq")].licence == "MIT AND LicenseRef-ITU-T-P.862"


def test_the_list_is_cyclonedx_with_package_urls(tmp_path):
    document = as_cyclonedx(components())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    urls = {entry.get("purl") for entry in document["components"]}
    assert f"pkg:pypi/pydantic@{version('pydantic')}" in urls


def test_both_files_are_written(tmp_path):
    main(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"sbom.cdx.json", "LICENSES.md"}
    assert "| pydantic |" in as_table(components())
