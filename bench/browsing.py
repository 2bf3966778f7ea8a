"""How long a person waits: from the start of the program to the first page, and in a browser."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.served import answering, free_port
from core.home import Home

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# How every browser of this project is started: without a screen, and without a word to its maker.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LOADS, SWITCHES, STARTS = 5, 6, 3
PATIENCE_S = 60
# A page is there when its script has ended, its numbers stand and its first chart is drawn.
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
_NUMBER, _CHART = "[data-testid=stMetricValue]", ".js-plotly-plot .main-svg"


class NoBrowser(Exception):
    """There is no Chromium to measure with."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Medians in seconds: from the command to the answering server and to the drawn page, loads, switches."""

    server_ready_s: float
    start_s: float
    first_load_s: float
    switch_s: float


def measure(home: Home) -> Seen:
    """Everything in a browser, on a published home. Raises NoBrowser."""
    with browser() as chromium:
        starts = [_start(home, chromium) for _ in range(STARTS)]
        with serving(home) as (base, _):
            _first_load(chromium, base)
            loads = [_first_load(chromium, base) for _ in range(LOADS)]
            switches = _switches(chromium, base)
    ready, shown = (statistics.median(values) for values in zip(*starts, strict=True))
    return Seen(ready, shown, statistics.median(loads), statistics.median(switches))


@contextmanager
def browser() -> Iterator[Browser]:
    """The installed Chromium, headless. Raises NoBrowser."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        raise NoBrowser("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@contextmanager
def serving(home: Home, log: Path | None = None) -> Iterator[tuple[str, float]]:
    """The dashboard as `make run` starts it; gives its address and the seconds until it answered."""
    port = free_port()
    words = ["-m", "jobs", "serve", "--home", str(home.root), "--port", str(port)]
    with answering(words, port, log=log) as served:
        yield served


def _start(home: Home, chromium: Browser) -> tuple[float, float]:
    """Seconds from the command until the server answers, and until the first page is drawn."""
    begun = time.perf_counter()
    with serving(home) as (base, ready):
        context = chromium.new_context()
        _open(context.new_page(), base)
        shown = time.perf_counter() - begun
        context.close()
    return ready, shown


def _first_load(chromium: Browser, base: str) -> float:
    """Seconds of the Overview in a fresh profile: nothing is cached in the browser."""
    context = chromium.new_context()
    page = context.new_page()
    begun = time.perf_counter()
    _open(page, base)
    seconds = time.perf_counter() - begun
    context.close()
    return seconds


@contextmanager
def opened(chromium: Browser, base: str) -> Iterator[Page]:
    """The Overview in a profile of its own, high enough that nothing has to be scrolled."""
    context = chromium.new_context(viewport={"width": 1440, "height": 2600})
    page = context.new_page()
    _open(page, base)
    yield page
    context.close()


def _open(page: Page, base: str) -> None:
    page.goto(base, wait_until="commit")
    _drawn(page, _NUMBER, _CHART)


def _drawn(page: Page, *parts: str) -> None:
    for part in parts:
        page.wait_for_selector(part, timeout=PATIENCE_S * 1000)
    page.wait_for_selector(DONE, timeout=PATIENCE_S * 1000)


def _switches(chromium: Browser, base: str) -> list[float]:
    """Seconds from the click on a menu entry to the other page, to and fro."""
    context = chromium.new_context()
    page = context.new_page()
    _open(page, base)
    places: tuple[tuple[str, str, str], ...] = (
        ("Conversations", "**/conversations*", "[data-testid=stDataFrame]"), ("Overview", f"{base}/*", _CHART),
    )  # fmt: skip
    taken = []
    for number in range(SWITCHES):
        name, address, part = places[number % 2]
        page.wait_for_timeout(1000)
        begun = time.perf_counter()
        page.click(f"[data-testid=stSidebarNav] a:has-text('{name}')")
        page.wait_for_url(address, timeout=PATIENCE_S * 1000)
        _drawn(page, part)
        taken.append(time.perf_counter() - begun)
    context.close()
    return taken


def figures(seen: Seen) -> dict[str, Any]:
    """The figures that go into the results."""
    return {
        "server_ready_s": seen.server_ready_s,
        "start_s": seen.start_s,
        "page_browser_s": seen.first_load_s,
        "page_switch_s": seen.switch_s,
    }
