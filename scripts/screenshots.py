"""Pictures of every page in light, dark and on a phone, from a real Chromium; and the README's picture.

    python scripts/screenshots.py --home data/var --out pictures
    python scripts/screenshots.py --home data/var --readme

Needs Chromium and the packages of requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from ui.navigation import MENU  # noqa: E402 - the checkout is not installed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LOOKS = {
    "light": {"viewport": {"width": 1440, "height": 1000}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 1000}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
README = PROJECT / "docs" / "img" / "overview.png"
MOST_BYTES = 300_000
HEIGHT = "(document.querySelector('[data-testid=stMain]') || document.body).scrollHeight"
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The dashboard on a free port; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "ui", "--server.port", str(port)],
        cwd=PROJECT, env={**os.environ, "SUPPORTLENS_HOME": str(home.resolve())},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        base = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{base}/_stcore/health", timeout=2).close()  # noqa: S310 - our own server
                break
            except OSError:
                time.sleep(0.2)
        yield base
    finally:
        server.terminate()
        server.wait(20)


def take(browser: Browser, url: str, look: str, target: Path, *, whole: bool = True) -> None:
    """One picture of one address; `whole` makes the window as tall as the page."""
    context = browser.new_context(**LOOKS[look])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("[data-testid=stMain]", timeout=60_000)
    page.wait_for_selector(DONE, timeout=60_000)
    page.wait_for_timeout(2_500)  # charts and tables are drawn after the script has ended
    if whole:
        # Streamlit scrolls inside the page, so a full-page picture needs a window of its height.
        height = page.evaluate(HEIGHT)
        width = page.viewport_size["width"] if page.viewport_size else 1440
        page.set_viewport_size({"width": width, "height": max(844, int(height))})
        page.wait_for_timeout(1_500)
    page.screenshot(path=target)
    context.close()


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

    with serving(args.home) as base, sync_playwright() as driver:
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
