"""docs/deploy.md against the Makefile, Terraform and the tests: targets, roles, variables, counts."""

import re

import pytest

from tests.contract import terraform as tf

PAGE = (tf.ROOT / "docs/deploy.md").read_text()
MAKEFILE = (tf.ROOT / "Makefile").read_text()


def test_every_make_target_that_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", PAGE, re.MULTILINE))
    assert {
        "bootstrap",
        "secret",
        "plan",
        "apply",
        "deploy",
        "rollback",
        "smoke",
        "logs",
        "destroy",
        "check-terraform",
    } <= targets
    assert named <= targets


@pytest.mark.parametrize("target", ["bootstrap", "secret", "plan", "apply", "deploy", "rollback", "smoke", "destroy"])
def test_a_target_that_costs_prints_so_before_it_begins(target: str) -> None:
    recipe = MAKEFILE.split(f"\n{target}: ")[1].split("\n\n")[0].splitlines()[1:]
    announced = next(line for line in recipe if "echo" in line and "First:" not in line and "Which" not in line)
    assert recipe.index(announced) <= 1
    assert re.search(r"USD|[Cc]ost", " ".join(recipe[:3]))


def test_its_table_of_grants_holds_every_role_that_terraform_grants_and_no_other() -> None:
    table = PAGE.split("## Who has which role on what")[1].split("\n## ")[0]
    granted = {body["role"] for _, kind, _, body in tf.resources() if kind.endswith("_iam_member")}
    granted = {role for role in granted if role.startswith("roles/")}
    granted |= set(re.findall(r'"(roles/[\w.]+)"', str(tf.local("deployer_roles", tf.TERRAFORM / "bootstrap"))))
    assert set(re.findall(r"`(roles/[\w.]+)`", table)) == granted


def test_its_table_of_limits_names_variables_and_their_defaults() -> None:
    table = PAGE.split("## Limits, and how to raise them")[1].split("\n## ")[0]
    variables = tf.blocks("variable")
    defaults = {name: block["default"] for name, block in variables.items() if "default" in block}
    assert set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", table)) <= set(variables)
    assert f"| {defaults['downloader_max_instances'] * defaults['downloader_concurrency']} downloads at a time" in table
    assert f"| {defaults['analyser_max_instances'] * defaults['analyser_concurrency']} analyses at a time" in table
    assert f"| {defaults['max_audio_bytes'] // 1024**2} MiB a file" in table
    assert f"| {defaults['analysis_timeout_s']} s an analysis, {defaults['download_timeout_s']} s a download" in table
    assert f"| {defaults['crawl_timeout_s']} s a crawl" in table
    assert f"| {defaults['max_delivery_attempts']} failed deliveries" in table


def test_its_counts_of_plan_tests_and_skipped_policies_are_right() -> None:
    runs = sum(path.read_text().count('\nrun "') for path in tf.TERRAFORM.rglob("*.tftest.hcl"))
    skips = sum(path.read_text().count("#checkov:skip=") for path in tf.files())
    assert f"{runs} tests with mocked providers" in PAGE
    assert f"`checkov` passes with {skips} skips" in PAGE


def test_its_count_of_apis_is_right() -> None:
    apis = re.findall(r'"([a-z]+)"', str(tf.local("apis", tf.TERRAFORM / "bootstrap")).split("]")[0])
    assert f"{len(apis)} enabled APIs" in PAGE
