"""Whether the page is light or dark, for charts: they are drawn anew when that changes.

Everything else follows a switch by itself. A chart does not: Streamlit puts the colours of the theme in place of the
placeholders when a figure is first drawn, and finds no placeholders any more when the theme changes.
"""

from __future__ import annotations

import streamlit as st

from ui import state

_KEY = "page_look"
_CSS = f".st-key-{_KEY} {{ display: none }}"  # there is nothing to see, and an empty line would be seen
_JS = """
export default function ({ parentElement, setStateValue }) {
  const app = document.querySelector("[data-testid=stApp]")
  const look = () => getComputedStyle(app).colorScheme
  window.supportlensLook ??= look()
  const watcher = new MutationObserver(() => {
    if (look() === window.supportlensLook) return
    window.supportlensLook = look()
    setStateValue("look", window.supportlensLook)
  })
  parentElement.watcher?.disconnect()
  parentElement.watcher = watcher
  watcher.observe(app, { attributes: true, attributeFilter: ["class"] })
  return () => watcher.disconnect()
}
"""


def watch() -> None:
    """Run the page again when the system or the reader changes the theme."""
    st.components.v2.component("supportlens_look", css=_CSS, js=_JS, isolate_styles=False)(
        key=_KEY, default={"look": ""}, on_look_change=lambda: None
    )


def changed_to() -> str:
    """The look that this tab changed to, `light` or `dark`; empty while it has the one it was opened with."""
    found: str = (state.value(_KEY) or {}).get("look") or ""
    return found
