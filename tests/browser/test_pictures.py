"""Every page looks as it did: in light, in dark and on a phone, within a tolerance.

A page that was changed on purpose is looked at, then kept anew: CONTRIBUTING.md says how.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.home import PROJECT
from ui.navigation import MENU

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KEPT = Path(__file__).with_name("pictures")
KEEP = os.environ.get("PICTURES") == "keep"
TOLERANCE = 0.04  # of the pixels: type is drawn a little differently by each version of the browser


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("screenshots", PROJECT / "scripts" / "screenshots.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_page_has_its_pictures(script: ModuleType) -> None:
    wanted = {f"{entry.slug}-{look}.png" for entry in MENU for look in script.LOOKS}
    assert wanted == {path.name for path in KEPT.glob("*.png")}


@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.slug)
def test_a_page_looks_as_it_did(
    served: Any, chromium: Any, script: ModuleType, tmp_path: Path, entry: Any
) -> None:
    for look in script.LOOKS:
        taken = tmp_path / f"{entry.slug}-{look}.png"
        path = "" if entry is MENU[0] else entry.slug
        script.take(chromium, f"{served.base}/{path}", look, taken)
        if KEEP:
            script.small(taken, KEPT / taken.name)
            continue
        script.small(taken, taken)
        assert script.difference(taken, KEPT / taken.name) <= TOLERANCE, taken.name
    if KEEP:
        pytest.skip("kept anew, not compared")


def test_a_page_that_lost_a_part_would_be_seen(script: ModuleType, tmp_path: Path) -> None:
    from PIL import Image

    kept = KEPT / "overview-light.png"
    with Image.open(kept) as picture:
        changed = picture.copy()
        changed.paste(255, (80, 60, picture.width, 60 + picture.height // 4))
        changed.save(tmp_path / "changed.png")
    assert script.difference(kept, kept) == 0
    assert script.difference(kept, tmp_path / "changed.png") > TOLERANCE
