"""What is installed is what the lock files name: exact, hashed, from any index, and no more than is used."""

import re
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements-build.lock", "requirements.lock", "requirements-test.lock")


def _locked(name: str) -> dict[NormalizedName, Version]:
    """The packages of a lock file that apply on this machine."""
    pins = re.findall(r"^([\w.-]+)==(\S+?)(?: ; (.+?))? \\$", (ROOT / name).read_text(), flags=re.MULTILINE)
    return {
        canonicalize_name(package): Version(version)
        for package, version, marker in pins
        if not marker or Marker(marker).evaluate()
    }


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_is_a_pin_with_hashes_and_no_address(name: str) -> None:
    statements = re.sub(r"\\\n\s*", "", (ROOT / name).read_text()).splitlines()
    pins = [line for line in statements if line.strip() and not line.lstrip().startswith("#")]
    form = re.compile(r"[a-z0-9-]+==\S+( ; [^#]+?)?( ?--hash=sha256:[0-9a-f]{64})+")
    assert [pin for pin in pins if not form.fullmatch(pin)] == []
    assert "://" not in "".join(statements)


@pytest.mark.parametrize(
    ("name", "extras"),
    [("requirements.lock", ()), ("requirements-test.lock", ("test", "eval"))],
)
def test_a_lock_meets_every_requirement_of_the_project(
    project: dict[str, Any], name: str, extras: tuple[str, ...]
) -> None:
    wanted = [*project["project"]["dependencies"]]
    for extra in extras:
        wanted += project["project"]["optional-dependencies"][extra]
    locked = _locked(name)
    for requirement in map(Requirement, wanted):
        version = locked.get(canonicalize_name(requirement.name))
        assert version in requirement.specifier if version else False, (
            f"run make lock: {name} lacks {requirement}"
        )


def test_the_tests_run_on_the_versions_that_are_served() -> None:
    tested = _locked("requirements-test.lock")
    assert {name: tested.get(name) for name in _locked("requirements.lock")} == _locked("requirements.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_brings_a_framework_that_nothing_uses(name: str) -> None:
    # Django comes with django-htmx, of which one static file is served; torch would come with sentence-transformers.
    assert (
        _locked(name).keys().isdisjoint({"django", "asgiref", "sqlparse", "torch", "sentence-transformers"})
    )


def test_what_is_installed_here_is_what_the_lock_names() -> None:
    installed = {
        canonicalize_name(found.name): Version(found.version) for found in distributions(path=sys.path)
    }
    locked = _locked("requirements-build.lock") | _locked("requirements-test.lock")
    wrong = {name: installed.get(name) for name, version in locked.items() if installed.get(name) != version}
    assert wrong == {}, "run make install-test"
