"""Pictures of every page in light, dark and on a phone, from a real Chromium; and the README's picture.

    python scripts/screenshots.py --home data/var --out pictures
    python scripts/screenshots.py --home data/var --readme

Needs Chromium and the packages of requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from bench.browsing import ARGUMENTS  # noqa: E402 - the checkout is not installed
from bench.served import dashboard  # noqa: E402
from core.home import Home  # noqa: E402
from ui.navigation import MENU  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LOOKS = {
    "light": {"viewport": {"width": 1440, "height": 1000}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 1000}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
README = PROJECT / "docs" / "img" / "overview.png"
MOST_BYTES = 300_000
SHRINK = 3
SHADES = 16
TILE = 24  # pixels of a small picture: about a line of a card
VISIBLE = 40  # of 255 steps of grey
CHANGED = 0.06  # of a tile's pixels: what is written there is something else
TALLER = 0.03  # so much may a page grow or shrink
# The part that scrolls has another name where a page has a field for questions below it.
HEIGHT = """(document.querySelector('[data-testid=stMain], [data-testid=stAppScrollToBottomContainer]')
  || document.body).scrollHeight"""
PATIENCE_S, APART_MS, STEADY = 90, 350, 3  # so many pictures in a row, so far apart, are alike
DRAWN = """() => document.fonts.status === 'loaded'
  && document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'
  && !document.querySelector('[data-testid=stSkeleton], [data-testid=stSpinner], [data-stale=true]')
  && [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(one => one.querySelector('.main-svg'))"""
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"


def take(browser: Browser, url: str, look: str, target: Path, *, whole: bool = True, first: str = "") -> None:
    """One picture of one address; `whole` makes the window as tall as the page, `first` is a script run before."""
    context = browser.new_context(**LOOKS[look], reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("[data-testid=stMainBlockContainer]", timeout=60_000)
    _settle(page)
    if whole:
        # Streamlit scrolls inside the page, so a full-page picture needs a window of its height, once that stays.
        height = -1
        while height != (height := int(page.evaluate(HEIGHT))):
            width = page.viewport_size["width"] if page.viewport_size else 1440
            page.set_viewport_size({"width": width, "height": max(844, height)})
            _settle(page)
    if first:
        page.evaluate(first)
    page.screenshot(path=target, animations="disabled", caret="hide")
    context.close()


def _settle(page: Page) -> None:
    """Wait until nothing runs, everything is drawn, and the window looks the same several times in a row.

    A script that has ended is not enough: the browser then tells its theme and width, and parts are drawn again.
    """
    page.wait_for_selector(DONE, timeout=60_000)
    same, before, until = 0, b"", time.monotonic() + PATIENCE_S
    while same < STEADY:
        if time.monotonic() > until:
            raise TimeoutError(f"{page.url} does not come to rest")
        page.wait_for_timeout(APART_MS)
        now = page.screenshot(animations="disabled", caret="hide")
        same = same + 1 if now == before and page.evaluate(DRAWN) else 0
        before = now


def small(picture: Path, target: Path) -> None:
    """The picture in few greys and a third as wide: enough to see that a part of a page has moved or gone."""
    from PIL import Image

    with Image.open(picture) as found:
        size = (round(found.width / SHRINK), round(found.height / SHRINK))
        grey = found.convert("L").resize(size, Image.Resampling.BOX)
        # Fixed steps: greys chosen for each picture would differ between two that look the same.
        grey.point(lambda shade: shade // SHADES * SHADES).save(target, optimize=True)


def difference(one: Path, other: Path) -> float:
    """The share of the tiles of two small pictures that show something else; 1 where their sizes differ much."""
    from PIL import Image, ImageChops

    with Image.open(one) as left, Image.open(other) as right:
        if left.width != right.width or abs(left.height - right.height) > TALLER * left.height:
            return 1.0
        width, height = left.width, min(left.height, right.height)
        apart = ImageChops.difference(
            *(picture.convert("L").crop((0, 0, width, height)) for picture in (left, right))
        )
    tiles = [
        apart.crop((x, y, min(x + TILE, width), min(y + TILE, height))).histogram()
        for y in range(0, height, TILE)
        for x in range(0, width, TILE)
    ]
    return sum(sum(tile[VISIBLE:]) > CHANGED * sum(tile) for tile in tiles) / len(tiles)


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, required=True, help="a workspace that has been refreshed")
    parser.add_argument("--out", type=Path, help="folder for the pictures of all pages")
    parser.add_argument("--readme", action="store_true", help="take docs/img/overview.png")
    args = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("Chromium is not installed.", file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    with dashboard(Home(args.home.resolve())) as base, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        if args.out:
            args.out.mkdir(parents=True, exist_ok=True)
            for position, entry in enumerate(MENU):
                for look in LOOKS:
                    target = args.out / f"{entry.slug}-{look}.png"
                    take(browser, f"{base}/{entry.slug if position else ''}", look, target)
                    print(target)
        if args.readme:
            README.parent.mkdir(parents=True, exist_ok=True)
            take(browser, base, "light", README, whole=False)
            print(README, README.stat().st_size)
            if README.stat().st_size > MOST_BYTES:
                print(f"the picture is larger than {MOST_BYTES} bytes", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
