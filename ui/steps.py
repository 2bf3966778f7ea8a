"""One step back for one deed of the reader, however many times its page writes the address.

Streamlit writes the address once for every parameter that changes and once for the page. It keeps a step in the
browser's history for each of them, except for what is chosen in a widget, which makes no step. Back would lead through
halves of an address, or past a choice. Here the first change after a click or a key makes the step, and what follows
until the next one changes that step.
"""

from __future__ import annotations

import streamlit as st

from ui import state

_LOST = "steps_lost"
_CSS = ".st-key-steps_back { display: none }"  # there is nothing to see, and an empty line would be seen
_JS = """
export default function () {
  if (window.supportlensSteps) return
  window.supportlensSteps = true
  const { pushState, replaceState } = window.history
  let isDeed = false
  for (const kind of ["pointerdown", "click", "keydown"])
    window.addEventListener(kind, () => { isDeed = true }, true)
  window.addEventListener("popstate", () => { isDeed = false }, true)
  const write = (...step) => {
    const isOther = step[2] != null && new URL(step[2], window.location.href).href !== window.location.href
    const isStep = isDeed && isOther
    if (isOther) isDeed = false
    ;(isStep ? pushState : replaceState).apply(window.history, step)
  }
  window.history.pushState = write
  window.history.replaceState = write
}
"""


def one_for_a_deed() -> None:
    """Begin to count deeds in this tab; once is enough, more do no harm."""
    st.components.v2.component("supportlens_steps", css=_CSS, js=_JS, isolate_styles=False)(key="steps_back")


def write_again() -> None:
    """Let widgets write the parameters that the last step back lost. Call before any of them is drawn."""
    for name in state.value(_LOST) or ():
        if state.value(name) is not None:
            state.put(name, state.value(name))
    state.forget(_LOST)


def complete() -> None:
    """Draw once more after a step back that lost parameters. Call when everything is drawn.

    On the way to another page Streamlit takes the parameters of widgets that are not on the old one out of the
    address, and gives the widgets their values all the same.
    """
    lost = [name for name in state.way_back() or () if not state.links(name)]
    if lost:
        state.put(_LOST, lost)
        st.rerun()
