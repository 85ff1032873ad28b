"""House rules about files that no linter checks."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("knowledge", "indexer", "qa_service", "eval", "tests", "tools")
MODULES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if ROOT / "tests" not in path.parents],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_module_is_short_enough_to_be_about_one_thing(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_no_file_is_named_after_nothing() -> None:
    nameless = {"utils", "util", "common", "helpers", "helper", "misc", "manager", "handler"}
    assert [path for path in MODULES if path.stem.lower() in nameless] == []


def test_no_library_of_others_is_committed_for_the_browser() -> None:
    # Scripts and styles come from pinned packages; a copy in the tree would never be updated.
    packages = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.min.*")]
    assert packages == []
