"""The image is built by the commands that the Makefile runs, from the same lock file.

No container engine is needed: the Dockerfile is read, and what it says is held against the Makefile, the wheel and
the command line. `make lint` runs hadolint on it.
"""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PACKAGES = ("knowledge", "indexer", "qa_service", "eval")


@dataclass(frozen=True)
class Instruction:
    name: str
    value: str


def _instructions() -> list[Instruction]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def stages() -> list[list[Instruction]]:
    """The instructions, a list a stage, each beginning with its FROM."""
    found: list[list[Instruction]] = []
    for instruction in _instructions():
        if instruction.name == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def _values(stage: list[Instruction], name: str) -> list[str]:
    return [instruction.value for instruction in stage if instruction.name == name]


def _copied(stage: list[Instruction]) -> list[str]:
    return [
        source
        for value in _values(stage, "COPY")
        for source in value.split()[:-1]
        if not source.startswith("--")
    ]


def test_it_installs_by_the_commands_of_make_install(stages: list[list[Instruction]]) -> None:
    in_image = [value for value in _values(stages[0], "RUN") if "tools/" in value]
    made = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "install", "VENV=/opt/zhengda", "MODE="],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert in_image == [line.strip() for line in made.stdout.splitlines()]


def test_it_takes_the_serving_lock_and_no_test_tools(stages: list[list[Instruction]]) -> None:
    copied = _copied(stages[0])
    assert [name for name in copied if name.endswith(".lock")] == [
        "requirements-build.lock",
        "requirements.lock",
    ]


def test_everything_it_copies_exists_and_reaches_the_engine(stages: list[list[Instruction]]) -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = _copied(stages[0])
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert set(copied) == kept


def test_the_virtual_environment_keeps_its_path_between_the_stages(stages: list[list[Instruction]]) -> None:
    # The commands in an environment name its folder, so it must lie in both stages at one path.
    assert "--from=build /opt/zhengda /opt/zhengda" in _values(stages[1], "COPY")
    assert any("PATH=/opt/zhengda/bin:$PATH" in value for value in _values(stages[1], "ENV"))
    assert stages[0][0].value.removesuffix(" AS build") == stages[1][0].value


def test_it_runs_as_a_numbered_user_who_is_not_root(stages: list[list[Instruction]]) -> None:
    names = [instruction.name for instruction in stages[1]]
    (user,) = _values(stages[1], "USER")
    assert int(user) > 0
    assert any(f"--uid {user}" in value for value in _values(stages[1], "RUN"))
    assert names.index("USER") < names.index("CMD")


def test_data_lives_in_a_volume_that_the_user_owns(stages: list[list[Instruction]]) -> None:
    assert _values(stages[1], "VOLUME") == ["/data"]
    assert any("ZHENGDA_DATA=/data" in value for value in _values(stages[1], "ENV"))
    assert any("--owner=zhengda /data" in value for value in _values(stages[1], "RUN"))


def test_health_is_asked_of_healthz_on_the_exposed_port(stages: list[list[Instruction]]) -> None:
    (check,) = _values(stages[1], "HEALTHCHECK")
    (port,) = _values(stages[1], "EXPOSE")
    command = json.loads(check[check.index("CMD ") + 4 :])
    assert command[:2] == ["python", "-c"]
    assert f"http://127.0.0.1:{port}/healthz" in command[2]
    compile(command[2], "HEALTHCHECK", "exec")


def test_the_command_is_one_that_zhengda_has(stages: list[list[Instruction]]) -> None:
    (command,) = _values(stages[1], "CMD")
    program, subcommand, *options = json.loads(command)
    assert program == "zhengda"
    usage = subprocess.run(
        [BIN / program, subcommand, "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert [option for option in options if option.startswith("--") and option not in usage] == []


def test_the_wheel_made_from_what_it_copies_holds_every_file_of_the_packages(
    stages: list[list[Instruction]], tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in _copied(stages[0]):
        if name in PACKAGES:
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif "/" not in name:
            shutil.copy(ROOT / name, source / name)
    offline = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", tmp_path, source], check=True
    )
    (wheel,) = tmp_path.glob("zhengda-*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == {path.relative_to(source).as_posix() for path in source.glob("*/**/*") if path.is_file()}
