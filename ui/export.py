"""The way out of a chart: its rows as CSV or Excel, and the picture itself as PNG or SVG.

A file is made when its button is pressed, not before; the picture is made by the browser from what it shows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from ui import picture, resources, trail

if TYPE_CHECKING:
    from core.settings import Settings
    from store.reader import Reader
    from ui.charts import Chart

Form = Literal["csv", "xlsx"]
FORMS: dict[Form, tuple[str, str, str]] = {
    "csv": ("CSV", ":material/csv:", "text/csv"),
    "xlsx": ("Excel", ":material/table_view:", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}  # fmt: skip


def menu(chart: Chart, *, key: str) -> None:
    """The menu below a chart. `key` is that of the chart's container, where the browser finds the picture.

    A figure without marks stands for a table alone.
    """
    if not trail.allows("export"):
        return
    with st.popover("Export", icon=":material/download:", type="tertiary", key=f"{key}_export"):
        st.caption("The rows of the table below, with filters, zone, freshness and definitions.")
        with st.container(horizontal=True, gap="small"):
            for form, make in files(chart).items():
                label, icon, kind = FORMS[form]
                st.download_button(
                    label, make, file_name(chart, form), kind, icon=icon, key=f"{key}_{form}", on_click="ignore",
                )  # fmt: skip
        if chart.figure.data:
            st.caption("The chart as it is drawn.")
            picture.buttons(key, file_name(chart, ""))


def files(chart: Chart) -> dict[Form, Callable[[], bytes]]:
    """For each format what makes the file. All that it needs is taken along: a click comes outside of a page's run."""
    reader, settings = resources.reader(), resources.settings()
    return {
        form: trail.handed_out(
            partial(content, chart, form, reader, settings), "chart", title=title(chart), form=form
        )
        for form in FORMS
    }


def content(chart: Chart, form: Form, reader: Reader, settings: Settings) -> bytes:
    """The bytes of a file with the rows of a chart. Raises StoreError, DiskFull."""
    from store.export import table_of, write

    with tempfile.TemporaryDirectory(prefix="supportlens-export-") as folder:
        path = Path(folder) / f"rows.{form}"
        write(
            reader,
            table_of(rows(chart)),
            path,
            form,
            head(chart, reader, settings),
            is_one_file=True,
        )
        return path.read_bytes()


def rows(chart: Chart) -> list[dict[str, Any]]:
    """The rows of the table below the chart, each with its numbers in full."""
    full = chart.exact or [{} for _ in chart.rows]
    return [row | more for row, more in zip(chart.rows, full, strict=True)]


def head(chart: Chart, reader: Reader, settings: Settings) -> dict[str, Any]:
    """What the file says about itself; of a chart without metrics which state of the data it shows."""
    from analytics.about import of_results

    told = of_results(title(chart), chart.results, settings)
    if not chart.results:
        published = f"{reader.generation.published_at:%Y-%m-%d %H:%M} UTC"
        told |= {
            **chart.about, "Zone": settings.workspace.reporting_zone, "Generation": str(reader.number),
            "Published": published,
        }  # fmt: skip
    return told | {"In words": chart.words}


def title(chart: Chart) -> str:
    """The metrics that a chart shows; without any its own words up to the first mark."""
    names = dict.fromkeys(result.title for result in chart.results)
    return ", ".join(names) or chart.words.partition(":")[0].partition(",")[0]


def file_name(chart: Chart, ending: str) -> str:
    """Metric, days and zone; for the browser, which adds the ending itself, without one."""
    from analytics import about

    first = chart.results[0] if chart.results else None
    name = "-".join(dict.fromkeys(result.name for result in chart.results)) or title(chart)
    zone = first.zone if first else resources.settings().workspace.reporting_zone
    return about.file_name(name, first.period if first else None, zone, ending)
