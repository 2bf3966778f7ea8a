"""A chart as PNG or SVG, made by the browser from what it shows: nothing is drawn a second time."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from ui import trail

_HTML = """
<div class="row" role="group" aria-label="Picture">
  <button type="button" data-format="png">PNG</button>
  <button type="button" data-format="svg">SVG</button>
  <span role="status"></span>
</div>
"""
_CSS = """
.row { display: flex; gap: 0.5rem; align-items: center; flex-wrap: wrap; padding: 3px; }
button {
  font: inherit; color: var(--st-text-color); background: var(--st-background-color); cursor: pointer;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); padding: 0.35rem 0.75rem;
}
button:hover, button:focus-visible {
  color: var(--st-primary-color); border-color: var(--st-primary-color); outline: none;
}
button:focus-visible { outline: 2px solid var(--st-primary-color); }
"""
# plotly's own button makes the picture. It reads format and name when it is pressed, so they are set just before.
_JS = """
export default function ({ data, parentElement }) {
  const say = (words) => { parentElement.querySelector("[role=status]").textContent = words }
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => {
      const plot = document.querySelector("." + data.place + " .js-plotly-plot")
      const camera = plot && plot.querySelector(".modebar-btn[data-title^='Download plot']")
      if (!camera) { say("The chart is not drawn yet.") ; return }
      const usual = plot._context.toImageButtonOptions
      const format = button.dataset.format
      plot._context.toImageButtonOptions = { ...usual, format, filename: data.name, scale: format === "png" ? 2 : 1 }
      camera.click()
      plot._context.toImageButtonOptions = usual
      say("")
    }
  }
}
"""
# Of plotly's tools only the picture stays; the browser adds the full screen.
CONFIG: dict[str, Any] = {
    "displayModeBar": "hover",
    "scrollZoom": False,
    "toImageButtonOptions": {"format": "png", "scale": 2, "filename": "supportlens"},
    "modeBarButtonsToRemove": [
        "zoom2d", "pan2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d",
    ],
}  # fmt: skip


def config() -> dict[str, Any]:
    """Plotly's tools for whoever looks: no picture without the right to export."""
    return CONFIG if trail.allows("export") else {**CONFIG, "displayModeBar": False}


def buttons(key: str, name: str) -> None:
    """Two buttons for the chart inside the container called `key`; the file is called `name`."""
    draw = st.components.v2.component("supportlens_picture", html=_HTML, css=_CSS, js=_JS)
    draw(key=f"{key}_picture", data={"place": place(key), "name": name.rstrip(".")})


def place(key: str) -> str:
    """The class that Streamlit gives to the element with a key."""
    return "st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip())
