"""The system's chromium for the tests of pages: opened from disk, watched for complaints and requests."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, Route, sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start playwright: once, for it cannot start a second time beside itself in one process."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


@contextmanager
def opening(browser: Browser) -> Iterator[Open]:
    """Open files; whatever one says on the console, asks for beyond the disk, or raises, is an error at the end."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1400, "height": 900})

    def watch(route: Route) -> None:
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            complaints.append(f"asked for {route.request.url}")
            route.abort()

    def call(file: Path, *, charts: bool = False, **viewport: int) -> Page:
        page = context.new_page()
        page.route("**/*", watch)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        if viewport:
            page.set_viewport_size(viewport)  # type: ignore[arg-type]  # width and height
        page.goto(file.as_uri())
        awaited = "html[data-charts=ready]" if charts else "html[data-ready=yes]"
        page.wait_for_selector(awaited, state="attached", timeout=120_000)
        return page

    yield call
    context.close()
    assert complaints == []


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Open a file for one test."""
    with opening(browser) as call:
        yield call


@pytest.fixture(scope="module")
def open_once(browser: Browser) -> Iterator[Open]:
    """Open a file for several tests, which leave it as they found it: its charts take seconds."""
    with opening(browser) as call:
        yield call


def wait_until(page: Page, expression: str) -> None:
    """Poll from outside: playwright's own wait_for_function needs an eval, which the page's policy forbids."""
    end_s = time.monotonic() + 60
    while not page.evaluate(expression):
        assert time.monotonic() < end_s, expression
        time.sleep(0.05)


def find_barriers(page: Page) -> list[str]:
    """What axe finds on a page that keeps out who cannot see it, sees it poorly, or has no mouse: a line each."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]
