"""The table on the screen: numbers that sort as numbers and read as words; a click on a cell opens it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from math import inf, nextafter
from typing import Any

import streamlit as st

from core.numbers import MISSING
from ui import drill, sheet, state
from ui.explore_grid import Grid, Head, Line

LINE, TALLEST = 35, 633  # pixels: a line, and 17 of them with the header


def draw(grid: Grid, words: str, *, key: str) -> None:
    """The grid. A cell opens its conversations, a chosen row those of its total."""
    own = f"{key}_{zlib.crc32(repr((grid.found.question, grid.values)).encode())}"
    names = [*_unique(grid.titles), *_unique([head.label for head in grid.heads], taken=set(grid.titles))]
    labels, heads = names[: len(grid.titles)], names[len(grid.titles) :]
    sheet.table(
        [
            dict(zip(names, (*line.labels, *(grid.text(line, head) for head in grid.heads)), strict=True))
            for line in grid.lines
        ],
        words,
        results=grid.found.results,
    )
    st.dataframe(
        styled(grid, labels, heads), hide_index=True, key=own, alt=words, on_select=_pressed(own, grid, heads, place=key),
        selection_mode=["single-cell", "single-row"], placeholder=MISSING,
        height=min(TALLEST, LINE * (len(grid.lines) + 1) + 3),
        column_config={
            **{name: st.column_config.TextColumn(pinned=True) for name in labels},
            **{name: st.column_config.Column(width=_width(grid, name, head))
               for name, head in zip(heads, grid.heads, strict=True)},
        },
    )  # fmt: skip


def styled(grid: Grid, labels: list[str], heads: list[str]) -> Any:
    """A data frame of numbers, each shown as the words of its cell."""
    import pandas as pd

    columns: dict[str, list[Any]] = {
        name: [line.labels[at] for line in grid.lines] for at, name in enumerate(labels)
    }
    said: dict[str, dict[float, str]] = {}
    for name, head in zip(heads, grid.heads, strict=True):
        columns[name], said[name] = _column(grid, head)
    frame = pd.DataFrame(columns)
    frame[heads] = frame[heads].astype("float64")
    style = frame.style
    for name, words in said.items():
        style.format(_in_words(words), subset=[name])
    return style


def _column(grid: Grid, head: Head) -> tuple[list[float | None], dict[float, str]]:
    """The numbers of a column, and the words for each.

    Equal numbers whose words differ (they rest on another n) are set apart by the smallest step there is.
    """
    numbers, words = list[float | None](), dict[float, str]()
    for line in grid.lines:
        number, text = _shown(grid, line, head), grid.text(line, head)
        while number is not None and words.setdefault(number, text) != text:
            number = nextafter(number, inf)
        numbers.append(number)
    return numbers, words


def _in_words(words: Mapping[float, str]) -> Callable[[Any], str]:
    return lambda number: words.get(number, "")


def _shown(grid: Grid, line: Line, head: Head) -> float | None:
    """What a cell is sorted by; what rests on too few to say anything lies below all numbers."""
    number = grid.number(line, head)
    n = grid.cell(line, head).n
    return -1 + n / 1000 if number is None and n and grid.text(line, head) != MISSING else number


def _width(grid: Grid, name: str, head: Head) -> int:
    """How wide a column is in pixels: as its longest text. Streamlit would measure the bare numbers."""
    longest = max((len(grid.text(line, head)) for line in grid.lines), default=0)
    return min(320, 24 + 7 * max(longest, len(name)))


def _unique(names: Any, taken: set[str] | None = None) -> list[str]:
    """The names, a later one of two equal ones with a number behind it: columns need different names."""
    seen, made = set(taken or ()), list[str]()
    for name in names:
        number, free = 1, name or " "
        while free in seen:
            number += 1
            free = f"{name} {number}"
        seen.add(free)
        made.append(free)
    return made


def _pressed(key: str, grid: Grid, heads: list[str], *, place: str) -> Callable[[], None]:
    """What a chosen cell or row means. The tab remembers the grid of this place, as `drill.pressed` has it."""
    state.put(f"{place}_grid", (grid, heads))

    def callback() -> None:
        chosen = (state.value(key) or {}).get("selection", {})
        grid, heads = state.value(f"{place}_grid")
        found = None
        for at, name in chosen.get("cells", []):
            head = grid.heads[heads.index(name)] if name in heads else None
            found = grid.drill(grid.lines[at], head) if at < len(grid.lines) else None
        for at in chosen.get("rows", []):
            found = grid.drill(grid.lines[at]) if at < len(grid.lines) else None
        if found is not None:
            drill.follow(found)

    return callback
