"""Builds the documentation as a site: the pages of the project and an API reference from the docstrings.

    python tests/build_docs.py MKDOCS

MKDOCS is mkdocs's program, of an environment with mkdocs-material and mkdocstrings. Pages are copied to
.earshot/docs-source, where links that leave docs/ are led to the copies or to the API reference, and the site is
written to .earshot/docs. Anything that mkdocs warns of, a dead link for one, ends the build with 1.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE, SITE = ROOT / ".earshot" / "docs-source", ROOT / ".earshot" / "docs"
PACKAGE = ROOT / "functions" / "earshot"
OUTSIDE = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md"} | {
    "CHANGELOG.md": "changelog.md"
}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")
SECTIONS = {
    "Start": ["index.md", "architecture.md", "command-line.md", "glossary.md", "contributing.md", "security.md"],
    "Find and refuse": ["crawling.md", "refusals.md"],
    "Choose and hear": ["columns.md", "measures.md", "tagging.md", "features.md", "recipes.md", "export.md"],
    "Train": ["training.md"],
    "Run": ["deploy.md", "operations.md", "upgrading.md", "scale.md", "airflow.md", "local-stack.md"],
    "Background": ["surprises.md", "changelog.md"],
}
CONFIGURATION = """\
site_name: earshot
docs_dir: {source}
site_dir: {site}
theme:
  name: material
  font: false
  features: [navigation.sections, navigation.indexes, content.code.copy, search.highlight]
  palette:
    - {{media: "(prefers-color-scheme: light)", scheme: default}}
    - {{media: "(prefers-color-scheme: dark)", scheme: slate}}
markdown_extensions: [admonition, attr_list, tables, pymdownx.superfences, {{toc: {{permalink: true}}}}]
plugins:
  - search
  - mkdocstrings:
      handlers:
        python:
          paths: [{functions}]
          options: {{show_root_heading: true, members_order: source, separate_signature: true, show_source: false}}
nav:
"""


def packages() -> dict[str, list[str]]:
    """Dotted module names by package, the package itself first; modules directly in earshot under `earshot`."""
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if parts[-1] not in ("__main__",) and (parts[-1] != "__init__" or path.read_text().strip()):
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.setdefault(".".join(parts[:2] if len(parts) > 2 else parts[:1]), []).append(name)
    return {package: sorted(names, key=lambda name: (name != package, name)) for package, names in found.items()}


def rewritten(text: str, page: Path, copy: str) -> str:
    """The page's text with each link led to the copy of its target; source files become plain names."""

    def link(match: re.Match[str]) -> str:
        image, label, target, anchor = match[1], match[2], match[3], match[4] or ""
        if "://" in target or target.startswith("mailto:"):
            return match[0]
        path = (page.parent / target).resolve()
        if path.is_relative_to(ROOT / "docs") and path.suffix:
            to = path.relative_to(ROOT / "docs").as_posix()
        elif str(path.relative_to(ROOT)) in OUTSIDE:
            to = OUTSIDE[str(path.relative_to(ROOT))]
        else:
            return label
        return f"{image}[{label}]({os.path.relpath(to, Path(copy).parent).replace(os.sep, '/')}{anchor})"

    return LINK.sub(link, text)


def copy_pages() -> list[str]:
    """Write every page to the source folder; their paths there."""
    pages = {path: path.relative_to(ROOT / "docs").as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))}
    pages = {path: name.replace("README.md", "index.md") for path, name in pages.items()}
    pages |= {ROOT / name: copy for name, copy in OUTSIDE.items() if (ROOT / name).exists()}
    for path, copy in pages.items():
        (SOURCE / copy).parent.mkdir(parents=True, exist_ok=True)
        text = rewritten(path.read_text(), path, copy)
        (SOURCE / copy).write_text(text.replace("decisions/README.md", "decisions/index.md"))
    for notebook in (ROOT / "docs").glob("*.ipynb"):
        shutil.copyfile(notebook, SOURCE / notebook.name)
    if (ROOT / "docs" / "images").exists():
        shutil.copytree(ROOT / "docs" / "images", SOURCE / "images")
    return list(pages.values())


def main(mkdocs: str) -> int:
    """Build the site and return mkdocs's exit status."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    written = copy_pages()
    (SOURCE / "api").mkdir()
    for package, modules in packages().items():
        blocks = "\n".join(f"::: {module}\n    options:\n      heading_level: 2\n" for module in modules)
        (SOURCE / "api" / f"{package}.md").write_text(f"# {package}\n\n{blocks}")
    listed = [page for pages in SECTIONS.values() for page in pages]
    left = [page for page in written if page not in listed and not page.startswith("decisions/")]
    lines = []
    for section, pages in (SECTIONS | {"More": left}).items():
        kept = [page for page in pages if page in written]
        lines += [f"  - {section}:", *(f"    - {page}" for page in kept)] if kept else []
    decisions = sorted(page for page in written if page.startswith("decisions/0"))
    lines += ["  - Decisions:", "    - decisions/index.md", *(f"    - {page}" for page in decisions)]
    lines += ["  - API reference:", *(f"    - {package}: api/{package}.md" for package in packages())]
    configuration = SOURCE.parent / "mkdocs.yml"
    text = CONFIGURATION.format(source=SOURCE.name, site=SITE.name, functions=ROOT / "functions")
    configuration.write_text(text + "\n".join(lines) + "\n")
    command = [
        mkdocs,
        "build",
        "--strict",
        "--config-file",
        str(configuration),
    ]  # --quiet would hide warnings from --strict
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    print(*(line for line in done.stderr.splitlines() if not line.startswith("INFO")), sep="\n", file=sys.stderr)
    if done.returncode == 0:
        print(f"{SITE / 'index.html'}: {sum(1 for _ in SITE.rglob('index.html'))} pages")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
