"""Every page looks as it did: in light, in dark and on a phone, within a tolerance.

A page that was changed on purpose is looked at, then kept anew: CONTRIBUTING.md says how.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.home import PROJECT, Home
from tests.browser.conftest import serving
from tests.shared import copy_of
from ui.navigation import MENU

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KEPT = Path(__file__).with_name("pictures")
PLACELESS = (
    "document.querySelectorAll('[data-testid=stMain] p code').forEach(one => one.textContent = 'a path')"
)
KEEP = os.environ.get("PICTURES") == "keep"
TOLERANCE = 0.003  # of the tiles; two takings on one machine differ in none, a lost number in more than this


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("screenshots", PROJECT / "scripts" / "screenshots.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def untouched(sample_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, on a workspace in which no other test pins or notes anything."""
    home = copy_of(sample_home, tmp_path_factory.mktemp("untouched") / "home")
    with serving(home) as base:
        yield base


def test_every_page_has_its_pictures(script: ModuleType) -> None:
    wanted = {f"{entry.slug}-{look}.png" for entry in MENU for look in script.LOOKS}
    assert wanted == {path.name for path in KEPT.glob("*.png")}
    assert sum(path.stat().st_size for path in KEPT.glob("*.png")) < 1_500_000


@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.slug)
def test_a_page_looks_as_it_did(
    untouched: str, chromium: Any, script: ModuleType, tmp_path: Path, entry: Any
) -> None:
    for look in script.LOOKS:
        taken = tmp_path / f"{entry.slug}-{look}.png"
        path = "" if entry is MENU[0] else entry.slug
        script.take(chromium, f"{untouched}/{path}", look, taken, first=PLACELESS)
        if KEEP:
            KEPT.mkdir(exist_ok=True)
            script.small(taken, KEPT / taken.name)
            continue
        script.small(taken, taken)
        apart = script.difference(taken, KEPT / taken.name)
        print(f"{taken.name}: {apart:.4f}")
        assert apart <= TOLERANCE, taken.name
    if KEEP:
        pytest.skip("kept anew, not compared")


LOST = {
    "a number": "document.querySelectorAll('[data-testid=stMetric]')[1].style.visibility = 'hidden'",
    "a chart": "document.querySelectorAll('[data-testid=stPlotlyChart]')[1].style.visibility = 'hidden'",
}


@pytest.mark.parametrize("what", ["a number", "a chart"])
@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_a_page_that_lost_something_would_be_seen(
    untouched: str, chromium: Any, script: ModuleType, tmp_path: Path, look: str, what: str
) -> None:
    taken = tmp_path / "lost.png"
    script.take(chromium, untouched, look, taken, first=LOST[what])
    script.small(taken, taken)
    apart = script.difference(taken, KEPT / f"overview-{look}.png")
    print(f"overview without {what}, {look}: {apart:.4f}")
    assert apart > TOLERANCE


def test_a_page_that_grew_shorter_is_another_page(script: ModuleType, tmp_path: Path) -> None:
    from PIL import Image

    kept = KEPT / "overview-light.png"
    with Image.open(kept) as picture:
        picture.crop((0, 0, picture.width, round(picture.height * 0.9))).save(tmp_path / "shorter.png")
    assert script.difference(kept, kept) == 0
    assert script.difference(kept, tmp_path / "shorter.png") == 1
