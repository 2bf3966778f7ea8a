"""Files out of a chart in a real browser: the rows of the table on screen, and the picture as it is drawn."""

from __future__ import annotations

import csv
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

pytestmark = pytest.mark.browser
CHART = ".st-key-overview_channel"


def pressed(page: Any, name: str, to: Path) -> tuple[str, Path]:
    """What a button brings: the name of its file, and the file."""
    menu = page.page.get_by_test_id("stPopoverBody")
    if not menu.count():
        page.page.locator(f"{CHART} button:has-text('Export')").click()
    with page.page.expect_download(timeout=90_000) as waiting:
        menu.get_by_role("button", name=name).click()
    waiting.value.save_as(to)
    return waiting.value.suggested_filename, to


def drawn(page: Any) -> dict[str, str]:
    """Name and number of every bar, as they stand in the chart."""

    def down(found: str) -> list[str]:
        marks = page.page.locator(f"{CHART} {found}").all()
        return [
            mark.text_content().strip() for mark in sorted(marks, key=lambda mark: mark.bounding_box()["y"])
        ]

    return dict(zip(down(".yaxislayer-above .ytick"), down(".scatterlayer .textpoint text"), strict=True))


def test_files_and_pictures_hold_what_is_on_screen(served: Any, visit: Any, tmp_path: Path) -> None:
    page = visit(served.base, viewport={"width": 1440, "height": 1800}, accept_downloads=True)
    page.go("/?channel=email&channel=chat")
    page.page.locator(f"{CHART} .barlayer .point path").first.wait_for()
    _holds_its_numbers(page, tmp_path)
    _is_the_picture(page, tmp_path)
    assert page.outside == [] and page.errors == []


def _holds_its_numbers(page: Any, folder: Path) -> None:
    shown = drawn(page)
    assert set(shown) == {"email", "chat"}
    name, file = pressed(page, "CSV", folder / "a.csv")
    assert name.startswith("supportlens_volume_2026-10-17_2026-11-15_") and name.endswith(".csv")
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    begins = int(lines[0].split(",")[1])
    assert {row["Name"]: row["This period"] for row in csv.DictReader(lines[begins - 1 :])} == shown
    assert "# Filters,channel is chat or email" in lines
    name, file = pressed(page, "Excel", folder / "a.xlsx")
    head, *rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_name("Data").to_python()
    assert {row[0]: row[head.index("This period")] for row in rows} == shown


def _is_the_picture(page: Any, folder: Path) -> None:
    name, file = pressed(page, "SVG", folder / "a.svg")
    assert name.endswith(".svg") and name.startswith("supportlens_volume_")
    words = "".join(ElementTree.parse(file).getroot().itertext())
    assert "email" in words and "chat" in words
    name, file = pressed(page, "PNG", folder / "a.png")
    assert name.endswith(".png") and file.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", file.read_bytes()[16:24])
    box = page.page.locator(f"{CHART} .main-svg").first.bounding_box()
    assert abs(width - 2 * box["width"]) < 2 and abs(height - 2 * box["height"]) < 2


def test_the_report_opens_without_a_network(served: Any, visit: Any, tmp_path: Path) -> None:
    page = visit(served.base, viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    page.go("/?channel=email&channel=chat")
    page.page.locator(f"{CHART} .barlayer .point path").first.wait_for(timeout=60_000)
    with page.page.expect_download(timeout=180_000) as waiting:
        page.page.get_by_role("button", name="Report").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.name == "supportlens_report-overview_2026-11-16-europe-london.html"
    shown = drawn(page)
    for scheme, color in (("light", "rgb(0, 114, 178)"), ("dark", "rgb(86, 180, 233)")):
        paper = visit(file.as_uri(), viewport={"width": 390, "height": 800}, color_scheme=scheme)
        paper.page.goto(paper.base)
        paper.page.locator(".plot .main-svg").first.wait_for(timeout=60_000)
        figure = paper.page.locator("figure", has_text="New conversations by channel")
        assert set(shown.values()) == {
            text.strip() for text in figure.locator(".textpoint text").all_text_contents()
        }
        assert (
            figure.locator(".barlayer .point path").first.evaluate("e => getComputedStyle(e).fill") == color
        )
        assert paper.page.evaluate("document.documentElement.scrollWidth") == 390
        assert paper.outside == [] and paper.errors == []
    assert paper.page.locator("details[open]").count() == 0
    paper.page.emulate_media(media="print")
    paper.page.locator("details[open]").first.wait_for(timeout=60_000)
    assert paper.page.locator("details:not([open])").count() == 0, "on paper every table is open"
    fill = figure.locator(".barlayer .point path").first.evaluate("e => getComputedStyle(e).fill")
    assert fill == "rgb(0, 114, 178)", "and the light palette is used"
    assert paper.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_table_has_no_download_of_its_own_that_nobody_would_note(served: Any, visit: Any) -> None:
    page = visit(served.base, viewport={"width": 1440, "height": 1000})
    for address in ("/conversations", "/explore"):
        page.go(address)
        table = page.page.get_by_test_id("stDataFrame").first
        table.hover()
        buttons = table.get_by_test_id("stElementToolbarButton")
        buttons.first.wait_for()
        told = [button.inner_html() for button in buttons.all()]
        names = [button.get_attribute("aria-label") or "" for button in table.locator("button").all()]
        assert "Search" in " ".join((*names, *told)), "this is the bar of buttons above a table"
        assert "Download as CSV" not in " ".join((*names, *told))
    assert page.errors == []
