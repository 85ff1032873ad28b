"""Zhengda is Apache-2.0, and what it is served with may be given away with it."""

import re
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVED = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)
# A library used as published may be replaced by whoever receives it, which is what the LGPL asks.
ALLOWED_COPYLEFT = {"psycopg": "LGPL", "psycopg-binary": "LGPL"}


def _licence(found: PackageMetadata) -> str:
    stated = [
        line for key in ("License-Expression", "License", "Classifier") for line in found.get_all(key) or []
    ]
    # A classifier is about anything; a License may be the whole text, whose first line names it.
    return " / ".join(
        line.split("\n")[0] for line in stated if "::" not in line or line.startswith("License ::")
    )


def test_the_licence_is_the_full_apache_licence() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    for part in (
        "1. Definitions.",
        "9. Accepting Warranty or Additional Liability.",
        "END OF TERMS AND CONDITIONS",
    ):
        assert part in text


@pytest.mark.parametrize("package", SERVED)
def test_a_served_package_states_a_licence_that_allows_it(package: str) -> None:
    licence = _licence(metadata(package))
    assert licence, f"{package} states no licence"
    if re.search(r"GPL|General Public|SSPL|Commons Clause|Proprietary", licence):
        assert ALLOWED_COPYLEFT.get(package, "no exception for it") in licence, f"{package}: {licence}"
