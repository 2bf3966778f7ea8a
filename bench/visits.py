"""What a visit feels like: every page, a filter, a drill, twenty sessions, and what they cost the server in memory.

python -m bench.visits --home FOLDER --n 100000                       measures; builds what is missing
python -m bench.visits --home FOLDER --n 1000000 --textless --build   builds, keeps it, and stops there
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench import bars, numbers, sessions
from bench.browsing import DONE, PATIENCE_S, NoBrowser, browser, opened, serving
from bench.clocks import NOW, command, sample
from core.home import Home

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROUNDS = 3
SMALL = 2_000  # conversations of the sample beside rows without texts
BAR = ".st-key-overview_channel .barlayer .point path"
IN_A_BROWSER = ("page_slowest_s", "filter_change_s", "drill_s")


@dataclass
class Visits:
    """Figures for the results (seconds, MB), what lies behind them, and what could not be measured and why."""

    figures: dict[str, float] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def everything(home: Home, calm_s: float = sessions.CALM_S, busy_s: float = sessions.BUSY_S) -> Visits:
    """One visitor in a browser, then twenty sessions, then twenty during refreshes, at one server."""
    seen = Visits()
    with serving(home) as (base, _):
        try:
            with browser() as chromium:
                _alone(seen, chromium, base)
        except NoBrowser as error:
            seen.left_out |= dict.fromkeys(IN_A_BROWSER, str(error))
            sessions.browse(base, calm_s / 4, sessions=1)
        seen.figures["server_one_mb"] = memory_mb(base)
        calm = sessions.undisturbed(base, calm_s)
        seen.figures["server_twenty_mb"] = memory_mb(base)
        busy = sessions.disturbed(base, home, busy_s)
        seen.figures["server_busy_mb"] = memory_mb(base)
    if not busy.published:
        seen.left_out["sessions_ratio"] = "no refresh published"
    seen.figures |= sessions.figures(calm, busy)
    seen.details["sessions"] = {"calm": sessions.details(calm), "busy": sessions.details(busy)}
    return seen


def _alone(seen: Visits, chromium: Browser, base: str) -> None:
    pages = _pages(chromium, base)
    seen.details["pages_s"] = pages
    seen.figures |= {
        "page_slowest_s": max(pages.values()),
        "filter_change_s": statistics.median(_changed(chromium, base) for _ in range(ROUNDS)),
        "drill_s": statistics.median(_drilled(chromium, base) for _ in range(ROUNDS)),
    }


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
    from ui.filters.choices import PERIODS

    with opened(chromium, base) as page:
        pill = page.locator(".st-key-period button").filter(has_text=PERIODS["90d"])
        return _timed(page, pill.click, "period=90d")


def _drilled(chromium: Browser, base: str) -> float:
    """From a bar of the Overview to its conversations."""
    with opened(chromium, base) as page:
        page.wait_for_selector(BAR, timeout=PATIENCE_S * 1000)
        page.wait_for_timeout(500)
        return _timed(page, lambda: page.locator(BAR).first.click(force=True), "/conversations.*of=")


def memory_mb(base: str) -> float:
    """Resident memory of the server's processes: those that name its port on their command line."""
    port, total = re.compile(rf"(=|\0){urlsplit(base).port}\0"), 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if port.search((process / "cmdline").read_bytes().decode(errors="replace")):
                found = re.search(r"VmRSS:\s+(\d+) kB", (process / "status").read_text())
                total += int(found[1]) / 1024 if found else 0
        except OSError:
            continue  # it has ended meanwhile
    return total


def built(home: Home, conversations: int, *, textless: bool = False) -> Home:
    """The home with so many conversations published; makes it where it is missing, which takes long.

    `textless` rows are made by SQL and not indexed. The sample that refreshes change is put beside them as a source of
    its own, as the sample steps aside for other data.
    """
    if (home.warehouse / "CURRENT").exists():
        return home
    if textless:
        numbers.made(home, conversations)
    sample(home, SMALL if textless else conversations)
    if textless:
        _own(home)
    command("refresh", "--home", home.root)
    return home


def _own(home: Home) -> None:
    """The settings of a home that reads the sample's files as data of its own."""
    said = (home.sample / "settings.toml").read_text()
    for before, after in (
        ('name = "sample"', 'name = "live"'),
        ('"data"', json.dumps(str(home.sample / "data"))),
    ):
        if before not in said:
            raise ValueError(f"the sample's settings do not say {before} any more")
        said = said.replace(before, after, 1)
    home.settings_file.write_text(said)


def main(words: Sequence[str] | None = None) -> int:
    """Print the table and the details. Exit code 1 when sessions saw errors."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.visits", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "--home", type=Path, required=True, help="folder for a workspace of each size; they are kept"
    )
    parser.add_argument("--n", type=int, default=100_000, help="conversations (default 100000)")
    parser.add_argument(
        "--textless", action="store_true", help="build it from rows without texts: for a million"
    )
    parser.add_argument("--build", action="store_true", help="build the workspace and stop there")
    parser.add_argument(
        "--calm", type=float, default=sessions.CALM_S, help="seconds of twenty sessions alone"
    )
    parser.add_argument(
        "--busy", type=float, default=sessions.BUSY_S, help="seconds of them during refreshes"
    )
    args = parser.parse_args(words)
    os.environ["SUPPORTLENS_NOW"] = NOW
    logging.getLogger("streamlit").setLevel(logging.ERROR)  # the menu is read here, outside of a server
    home = built(Home(args.home.resolve() / str(args.n)), args.n, textless=args.textless)
    if args.build:
        return 0
    seen = everything(home, args.calm, args.busy)
    keys = {bar.key for bar in bars.BARS} & (seen.figures.keys() | seen.left_out.keys())
    rows = [
        row
        for bar, row in zip(bars.BARS, bars.judged(seen.figures, args.n, seen.left_out), strict=True)
        if bar.key in keys
    ]
    print(f"{args.n:,} conversations\n{bars.table(rows)}")
    print(json.dumps({**seen.figures, **seen.details}, indent=2))
    return 1 if seen.figures["sessions_errors"] else 0


if __name__ == "__main__":
    sys.exit(main())
