"""What the documents say of commands, files, columns and dependencies is so."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from packaging.requirements import Requirement

from qa_service.cli.main import main
from qa_service.references import references
from qa_service.tables.columns import ENTRY_COLUMNS

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("docs", "knowledge", "indexer", "qa_service", "eval", "tests", "tools", ".ci")
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))]
)
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|(?:src|href)=\"([^\"]+)\"")
_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def links(path: Path) -> list[str]:
    """The targets that are files of ours, without the place inside them."""
    prose = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = [first or second for first, second in _LINK.findall(prose)]
    return [
        unquote(target.partition("#")[0])
        for target in targets
        if not re.match(r"[a-z][a-z0-9+.-]*:|#|//", target)
    ]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every `zhengda …` of the shell examples, with the document that has it."""
    for path in DOCUMENTS:
        for block in _SHELL.findall(path.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                if line.startswith(("zhengda ", ".venv/bin/zhengda ")):
                    yield name(path), shlex.split(line, comments=True)[1:]


def parse(command: click.Command, arguments: list[str], path: str = "zhengda") -> None:
    """Raise click.UsageError unless the command, its options and its arguments exist; runs nothing."""
    with command.make_context(path, list(arguments), resilient_parsing=False) as context:
        if isinstance(command, click.Group):
            rest = [*context._protected_args, *context.args]
            found, child, rest = command.resolve_command(context, rest)
            assert child is not None
            parse(child, rest, f"{path} {found}")


@pytest.mark.parametrize("file", ["cli.md", "settings.md", "openapi.json"])
def test_the_generated_references_are_current(file: str) -> None:
    current = references(main)[file]
    assert (ROOT / "docs" / file).read_text(encoding="utf-8") == current, "run make docs"


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_link_and_image_leads_somewhere(path: Path) -> None:
    assert [target for target in links(path) if not (path.parent / target).exists()] == []


@pytest.mark.parametrize(("document", "arguments"), list(commands()))
def test_every_command_in_the_examples_exists(document: str, arguments: list[str]) -> None:
    try:
        parse(main, arguments)
    except click.UsageError as error:
        pytest.fail(f"{document}: zhengda {shlex.join(arguments)}: {error.format_message()}")


@pytest.mark.parametrize(
    "arguments",
    [["nothing"], ["--nothing", "serve"], ["ask", "--nothing", "q"], ["keys", "nothing"], ["import"]],
)
def test_a_command_that_does_not_exist_would_be_noticed(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError):
        parse(main, arguments)


def test_there_are_examples_and_links_to_check() -> None:
    assert {document for document, _ in commands()} >= {"README.md", "README.zh-CN.md", "docs/import.md"}
    assert "docs/import.md" in links(ROOT / "README.md")


def test_the_import_format_lists_exactly_the_columns_there_are() -> None:
    document = (ROOT / "docs/import.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| `(\w+)` \| (.*) \|$", document, re.MULTILINE)
    assert [(label, key) for label, key, _ in rows] == [(c.label, c.key) for c in ENTRY_COLUMNS]
    required = [key for _, key, meaning in rows if meaning.startswith("必填")]
    assert required == [column.key for column in ENTRY_COLUMNS.required()]


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *(each for extra in project["project"]["optional-dependencies"].values() for each in extra),
        *(each for group in project["dependency-groups"].values() for each in group),
        *project["build-system"]["requires"],
    ]
    table = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Dependencies")[2]
    explained = set(re.findall(r"`([A-Za-z0-9._-]+)`", table))
    assert {Requirement(each).name for each in asked} - explained == set()
