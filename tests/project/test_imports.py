"""What each part imports. The direction between the packages is import-linter's, in pyproject.toml."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
OURS = ("knowledge", "indexer", "qa_service", "eval")
MODULES = sorted(path for package in OURS for path in (ROOT / package).rglob("*.py"))
DOMAIN = [
    path for path in MODULES if path.parts[len(ROOT.parts)] == "knowledge" and "store" not in path.parts
]


def _imported(path: Path) -> Iterator[str]:
    """The dotted names a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _foreign(path: Path) -> set[str]:
    tops = {name.split(".")[0] for name in _imported(path)}
    return tops - set(sys.stdlib_module_names) - {*OURS, "tests", "tools"}


@pytest.mark.parametrize("path", DOMAIN, ids=_name)
def test_the_domain_imports_the_standard_library_alone(path: Path) -> None:
    beyond = {
        name for name in _imported(path) if name.split(".")[0] not in {*sys.stdlib_module_names, "knowledge"}
    }
    assert beyond == set()
    assert not [name for name in _imported(path) if name.startswith("knowledge.store")]


def test_whatever_is_imported_is_declared_in_pyproject() -> None:
    # Not merely installed: what another package happens to bring may be gone with its next version.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    serving = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    extras = {
        canonicalize_name(Requirement(line).name)
        for lines in project["optional-dependencies"].values()
        for line in lines
    }
    providers = packages_distributions()
    tests = sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "tools").rglob("*.py"))
    undeclared = {
        f"{_name(path)}: {top}"
        for path in [*MODULES, *tests]
        for top in _foreign(path)
        if not {canonicalize_name(provider) for provider in providers.get(top, [top])} & (serving | extras)
    }
    assert undeclared == set()


def test_importing_the_command_line_loads_no_framework_that_is_not_served() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import qa_service.cli.main, sys; print(*sys.modules, sep='\\n')"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert {"django", "torch", "sentence_transformers", "pytest"}.isdisjoint(loaded)
