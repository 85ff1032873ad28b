"""A server for the whole session, one Chromium, and a fresh context for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.site import Site, Visit, serving
from tools import chromium


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = chromium.find()
    if found is None:
        pytest.fail("no Chromium found: run `python -m tools.chromium`")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(chromium.ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Visit]:
    """A visit in which nothing may leave this machine, break the policy or fail in the console."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    visiting = Visit(site, context)
    visiting.watch()
    yield visiting
    context.close()
    assert visiting.strangers() == []
    assert [url for url in visiting.requests if "csrf" in url] == []
    assert visiting.complaints == []
