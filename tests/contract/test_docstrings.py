"""Every public name says what it is. ruff asks it of modules, classes and functions; this asks it of methods too.

Methods of a `Protocol` are left out, since the class says what it needs, and ruff's D102 cannot tell them apart.
"""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "functions" / "earshot"


def undocumented(path: Path) -> list[str]:
    """Public methods without a docstring, as `Class.method`."""
    found = []
    for node in ast.parse(path.read_text()).body:
        if (
            not isinstance(node, ast.ClassDef)
            or node.name.startswith("_")
            or any("Protocol" in ast.unparse(base) for base in node.bases)
        ):
            continue
        methods = (item for item in node.body if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"))
        found += [f"{node.name}.{method.name}" for method in methods if not ast.get_docstring(method)]
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_public_method_has_a_docstring(path: Path) -> None:
    assert undocumented(path) == []
