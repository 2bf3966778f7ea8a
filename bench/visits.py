"""What a visit feels like: every page, a filter, a drill, and what sessions cost the server in memory."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench import sessions
from bench.browsing import DONE, PATIENCE_S, browser, opened, serving
from core.home import Home

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROUNDS = 3
CROWD_S = 20.0
BAR = ".st-key-overview_channel .barlayer .point path"


@dataclass(frozen=True, slots=True)
class Visits:
    """Medians in seconds; memory in MB after one session and after twenty have browsed."""

    pages: dict[str, float]
    filter_s: float
    drill_s: float
    one_mb: float
    twenty_mb: float

    @property
    def slowest(self) -> str:
        """The page that takes longest to come to."""
        return max(self.pages, key=self.pages.__getitem__)


def measure(home: Home) -> Visits:
    """Everything on a published home. Raises NoBrowser."""
    with browser() as chromium, serving(home) as (base, _):
        pages = _pages(chromium, base)
        filtered = statistics.median(_changed(chromium, base) for _ in range(ROUNDS))
        drilled = statistics.median(_drilled(chromium, base) for _ in range(ROUNDS))
        one = _memory_mb(base)
        sessions.browse(base, CROWD_S)
        return Visits(pages, filtered, drilled, one, _memory_mb(base))


def _timed(page: Page, act: Callable[[], Any], address: str) -> float:
    """Seconds from an act to the page that it leads to, with nothing running any more."""
    begun = time.perf_counter()
    act()
    page.wait_for_url(re.compile(address), timeout=PATIENCE_S * 1000)
    page.wait_for_timeout(50)  # the browser has to hear that the script runs before it can hear that it ended
    page.wait_for_selector(DONE, timeout=PATIENCE_S * 1000)
    return time.perf_counter() - begun


def _pages(chromium: Browser, base: str) -> dict[str, float]:
    """Every page of the menu, come to from the menu; the first round warms it."""
    from ui.navigation import MENU

    with opened(chromium, base) as page:
        taken: dict[str, list[float]] = {entry.title: [] for entry in MENU}
        for number in range(ROUNDS + 1):
            for entry in (*MENU[1:], MENU[0]):
                link = page.locator("[data-testid=stSidebarNav] a").filter(
                    has_text=re.compile(f"^.*{entry.title}$")
                )
                seconds = _timed(
                    page, link.first.click, r"/\??[^/]*$" if entry is MENU[0] else f"/{entry.slug}"
                )
                if number:
                    taken[entry.title].append(seconds)
    return {title: statistics.median(seconds) for title, seconds in taken.items()}


def _changed(chromium: Browser, base: str) -> float:
    """Another period on the Overview."""
    with opened(chromium, base) as page:
        pill = page.locator(".st-key-period button").filter(has_text="90d")
        return _timed(page, pill.click, "period=90d")


def _drilled(chromium: Browser, base: str) -> float:
    """From a bar of the Overview to its conversations."""
    with opened(chromium, base) as page:
        page.wait_for_selector(BAR, timeout=PATIENCE_S * 1000)
        page.wait_for_timeout(500)
        return _timed(page, lambda: page.locator(BAR).first.click(force=True), "/conversations.*of=")


def _memory_mb(base: str) -> float:
    """Resident memory of the server's processes: those that name its port."""
    port, total = str(urlsplit(base).port), 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if port in (process / "cmdline").read_bytes().decode(errors="replace").split("\0"):
                found = re.search(r"VmRSS:\s+(\d+) kB", (process / "status").read_text())
                total += int(found[1]) / 1024 if found else 0
        except OSError:
            continue  # it has ended meanwhile
    return total


def figures(seen: Visits) -> dict[str, Any]:
    """The figures that go into the results."""
    return {
        "page_slowest_s": seen.pages[seen.slowest], "filter_change_s": seen.filter_s, "drill_s": seen.drill_s,
        "server_one_mb": seen.one_mb, "server_twenty_mb": seen.twenty_mb,
    }  # fmt: skip
