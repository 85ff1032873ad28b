"""`make run` and `make test` set up a machine by themselves, or say what is missing."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools import chromium

ROOT = Path(__file__).resolve().parents[2]


def _script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def _find_python(*candidates: Path | str) -> subprocess.CompletedProcess[str]:
    # Never as root with apt-get: a test must not install a package.
    script = "id() { echo 1000; }; . tools/python.sh; find_python"
    named = os.environ | {"PYTHON": " ".join(map(str, candidates))}
    return subprocess.run(
        ["sh", "-c", script], cwd=ROOT, env=named, capture_output=True, text=True, check=False
    )


def test_the_first_python_that_works_is_taken_and_stubs_are_passed_over(tmp_path: Path) -> None:
    stub = _script(tmp_path / "python3.13", "echo 'this version is not installed' >&2; exit 127")
    found = _find_python("no-such-python", stub, sys.executable)
    assert found.stdout.strip() == sys.executable


def test_an_old_python_is_refused_with_what_to_install(tmp_path: Path) -> None:
    found = _find_python(_script(tmp_path / "python3", "exit 1"))
    assert found.returncode == 1
    assert "needs Python 3.11 or newer" in found.stderr
    assert "apt-get install python3 python3-venv" in found.stderr


def test_a_python_that_cannot_make_environments_names_the_missing_package(tmp_path: Path) -> None:
    without = _script(
        tmp_path / "python3", f'case "$2" in *ensurepip*) exit 1 ;; esac\nexec {sys.executable} "$@"'
    )
    found = _find_python(without)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert found.returncode == 1
    assert f"apt-get install python{version}-venv" in found.stderr


def test_setting_up_again_does_nothing_and_takes_no_time() -> None:
    venv = Path(sys.prefix)
    if not (venv / ".installed-requirements-test.lock").exists():
        pytest.skip("these tests do not run in the environment that make made")
    started = time.monotonic()
    again = subprocess.run(
        ["make", "--no-print-directory", "install-test", f"VENV={venv}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert time.monotonic() - started < 5


def test_unknown_words_to_the_installer_are_answered_with_its_usage() -> None:
    wrong = subprocess.run(
        ["sh", "tools/install.sh", "all"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("Usage: tools/install.sh dependencies")


def test_ci_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    assert "\nmake test " in script.read_text()


def test_every_target_that_the_help_names_exists() -> None:
    text = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = [line.split()[1] for line in text.splitlines() if line.startswith("make ")]
    assert {"run", "test", "lock"} <= set(targets)
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, check=True)


def test_a_browser_that_does_not_start_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Ubuntu's /usr/bin/chromium-browser may be such a one: it asks for a snap and exits.
    stub = _script(tmp_path / "chromium-browser", "echo 'requires the chromium snap' >&2; exit 10")
    real = _script(tmp_path / "google-chrome", "echo 'Google Chrome 156.0.1.2'")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv(chromium.VARIABLE, str(stub))
    monkeypatch.setattr(chromium, "NAMES", ("chromium-browser", "google-chrome"))
    assert chromium.find() == real
