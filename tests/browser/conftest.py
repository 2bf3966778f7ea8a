"""A real server on a free port, and a real Chromium that may talk to nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from bench.browsing import ARGUMENTS
from bench.served import dashboard
from core.home import Home
from tests.shared import copy_of

DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
NOW = "2026-11-16T09:00:00+00:00"
FOLLOWED = f"before => location.href !== before || !document.querySelector('{DONE}')"
BARS = ".barlayer .point path"  # what the marks of a bar chart are in the browser

# Scrolls to the largest of some marks, which is the easiest to hit, and gives where it is in the window.
LARGEST = """marks => {
  const size = mark => { const box = mark.getBoundingClientRect(); return box.width * box.height };
  const found = [...document.querySelectorAll(marks)].sort((one, other) => size(other) - size(one))[0];
  found?.scrollIntoView({ block: "nearest" });
  const box = found?.getBoundingClientRect();
  return box && { x: box.x, y: box.y, width: box.width, height: box.height };
}"""

# Upper bounds, not promises: a machine that does other things too takes several times as long for a page.
PATIENCE_MS = 120_000


@dataclass
class Visit:
    """A page in a browser, with what it asked for and complained about."""

    page: Any
    base: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open an address and wait until the script has run."""
        self.page.goto(self.base + path)
        self.settled()

    def settled(self) -> None:
        """Wait until nothing runs."""
        self.page.wait_for_selector("[data-testid=stSidebarNav]", timeout=180_000)
        self.page.wait_for_selector(DONE, timeout=180_000)
        self.page.wait_for_timeout(300)

    def back(self) -> None:
        """Press Back once, and wait until the page has been drawn."""
        self.page.go_back()
        self.page.wait_for_timeout(500)  # the script has been told of it
        self.settled()

    def forward(self) -> None:
        """Press Forward once, and wait until the page has been drawn."""
        self.page.go_forward()
        self.page.wait_for_timeout(500)
        self.settled()

    def press_mark(self, chart: str, marks: str = BARS) -> None:
        """Click in the middle of the largest mark of a chart, when it stands still and answers the pointer.

        Every such click changes the address. One at the moment in which the chart is drawn anew is lost, as a
        person's would be; a run that was under way anyway may then look like its answer.
        """
        x, y = self._still(f".st-key-{chart} {marks}")
        self.page.mouse.move(x - 40, y - 40)  # wherever the pointer was: it arrives
        self.page.mouse.move(x, y, steps=4)
        self.page.wait_for_selector(f".st-key-{chart} .hoverlayer > *", state="attached")
        before = self.page.url
        for _ in range(3):
            self.page.mouse.click(x, y)
            with suppress(PlaywrightTimeout):
                self.page.wait_for_function(FOLLOWED, arg=before, timeout=5_000)
            self.settled()
            if self.page.url != before:
                return
            self.page.mouse.move(x, y - 2)
        raise AssertionError(f"three clicks on a mark of {chart} did nothing")

    def _still(self, marks: str) -> tuple[float, float]:
        """The middle of the largest mark, once it is where it was half a second ago: charts above it may still grow."""
        self.page.locator(marks).first.wait_for()
        before = None
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while time.monotonic() < deadline:
            box = self.page.evaluate(LARGEST, marks)
            if box is not None and box == before:
                return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            before = box
            self.page.wait_for_timeout(500)
        raise AssertionError(f"{marks} does not come to rest: {before}")

    def words(self) -> str:
        """All text on the page."""
        return str(self.page.inner_text("[data-testid=stApp]"))


@contextmanager
def serving(home: Home, port: int | None = None) -> Iterator[str]:
    """The dashboard on a port, or a free one, at the fixed time; gives its address."""
    with dashboard(home, port, also={"SUPPORTLENS_NOW": NOW}) as base:
        yield base


@dataclass(frozen=True)
class Served:
    """A running dashboard and the workspace behind it."""

    base: str
    home: Home


@pytest.fixture(scope="session")
def served(sample_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests, on a copy of the sample workspace that they may publish into."""
    home = copy_of(sample_home, tmp_path_factory.mktemp("served") / "home")
    with serving(home) as base:
        yield Served(base, home)


@pytest.fixture(scope="session")
def chromium(require_service: Callable[[str], str]) -> Iterator[Any]:
    """One Chromium for all tests."""
    path = require_service("chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Visit]]:
    """`visit(base)`: a fresh profile that notes requests to the outside and errors on the console."""
    contexts = []

    def open_(base: str, **options: Any) -> Visit:
        context = chromium.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        found = Visit(context.new_page(), base)
        found.page.on("request", lambda request: _note_outside(found, request.url))
        found.page.on("console", lambda message: _note_error(found, message))
        found.page.on("pageerror", lambda error: found.errors.append(str(error)))
        return found

    yield open_
    for context in contexts:
        context.close()


def _note_outside(found: Visit, url: str) -> None:
    if not url.startswith((found.base, found.base.replace("http", "ws"), "data:", "blob:")):
        found.outside.append(url)


def _note_error(found: Visit, message: Any) -> None:
    # On a deep link Streamlit looks for its own endpoints below the page first; those two answers are 404.
    probing = "/_stcore/" in str(message.location.get("url", ""))
    if message.type == "error" and not probing:
        found.errors.append(message.text)
