"""Find a Chromium for the browser tests, or install one: `python -m tools.chromium`.

Looked for, in this order: $ZHENGDA_CHROMIUM, what the system has, what Playwright downloaded. When there is none:
Debian's package (as root), else Playwright's own download, else a message naming what to install and exit code 1.
Chinese fonts come along, or every page in a screenshot is a row of boxes.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FONTS = "fonts-noto-cjk"
VARIABLE = "ZHENGDA_CHROMIUM"

# What a Chromium started by a test is given: no sandbox, which root cannot have, and no calls home.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> Path | None:
    """The first Chromium that starts, or None."""
    return next((path for path in _candidates() if _starts(path)), None)


def install() -> Path | None:
    """Install Chromium and Chinese fonts by whatever means this machine has; its path, or None."""
    root_with_apt = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if root_with_apt:
        _run("apt-get", "update")
        _apt_install(FONTS)
        # Ubuntu's package is a stub that asks for a snap, which a container does not have.
        if "ID=ubuntu" not in _os_release() and _apt_install("chromium") and (found := find()):
            return found
    _run(
        sys.executable,
        "-m",
        "playwright",
        "install",
        *(("--with-deps",) if root_with_apt else ()),
        "chromium",
    )
    return find()


def _candidates() -> Iterator[Path]:
    if named := os.environ.get(VARIABLE):
        yield Path(named)
    yield from (Path(path) for name in NAMES if (path := shutil.which(name)))
    yield from (Path(path) for path in MACOS)
    yield from _downloaded()


def _downloaded() -> Iterator[Path]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield Path(playwright.chromium.executable_path)


def _starts(path: Path) -> bool:
    # Asked for its version and not merely looked at: Ubuntu's /usr/bin/chromium-browser may be the stub.
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and b"Chrom" in answer.stdout


def _apt_install(package: str) -> bool:
    return _run("apt-get", "install", "-y", "--no-install-recommends", package)


def _run(*command: str) -> bool:
    print("+", *command, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, check=False).returncode == 0


def _os_release() -> str:
    path = Path("/etc/os-release")
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main() -> int:
    """Print the path of a Chromium, installing it if need be; 1 when there is none to be had."""
    found = find() or install()
    if found is None:
        print(
            "The browser tests need Chromium and Chinese fonts, and neither could be installed here.\n"
            "  Debian:  sudo apt-get install chromium fonts-noto-cjk\n"
            "  Ubuntu:  sudo .venv/bin/python -m playwright install --with-deps chromium\n"
            "           sudo apt-get install fonts-noto-cjk\n"
            "  macOS:   brew install --cask google-chrome\n"
            f"or set {VARIABLE} to a Chromium or Chrome you have. Then run make test again.",
            file=sys.stderr,
        )
        return 1
    print(f"Chromium for the tests: {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
