"""The only session state: what one browser tab remembers between reruns, behind typed names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import streamlit as st


def value(key: str, default: Any = None) -> Any:
    """What a widget or an earlier `put` left under a key."""
    return st.session_state.get(key, default)


def put(key: str, new: Any) -> None:
    """Remember a value. For a widget's key, only before the widget is drawn or from a callback."""
    st.session_state[key] = new


def forget(*keys: str) -> None:
    """Let widgets return to their defaults."""
    for key in keys:
        st.session_state.pop(key, None)


def once(key: str, new: object) -> bool:
    """Whether this value is new under the key; it is remembered."""
    if st.session_state.get(key) == new:
        return False
    st.session_state[key] = new
    return True


def link(name: str) -> str | None:
    """A parameter of the address that no widget is bound to."""
    found = st.query_params.get(name)
    return found or None


def links(name: str) -> list[str]:
    """Every value that the address gives a parameter."""
    return st.query_params.get_all(name)


def cookie(name: str) -> str | None:
    """A cookie of the browser as it was when the tab connected; None too where there is no browser."""
    found = st.context.cookies.get(name)
    return found if isinstance(found, str) and found else None


def set_link(name: str, new: str | None) -> None:
    """Write a parameter of the address; None removes it."""
    if new is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != new:
        st.query_params[name] = new


def set_links(name: str, new: list[str]) -> None:
    """Write every value of a parameter of the address; none removes it."""
    if not new:
        st.query_params.pop(name, None)
    elif st.query_params.get_all(name) != new:
        st.query_params[name] = new


def address() -> Mapping[str, list[str]]:
    """Every parameter of the address."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def way_back() -> Mapping[str, list[str]] | None:
    """The address that a step back or forward in the browser asks for; None in any other rerun."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    running = get_script_run_ctx(suppress_warning=True)
    if running is None or not running.is_history_navigation:
        return None
    return parse_qs(running.query_string)


def here() -> str:
    """The whole address of the page as the browser has it."""
    pairs = [(name, one) for name, several in address().items() for one in several]
    page = (st.context.url or "").partition("?")[0]
    return page + (f"?{urlencode(pairs)}" if pairs else "")


@dataclass
class Dialogue:
    """The questions and answers of one tab, oldest first."""

    turns: list[tuple[str, Any]] = field(default_factory=list)


def dialogue() -> Dialogue:
    """This tab's questions and answers."""
    kept: Dialogue = st.session_state.setdefault("ask_dialogue", Dialogue())
    return kept
