"""Saved views: the address of a page under a name. What is not saved is never remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

import streamlit as st

from ui import data_workspace, errors, filters, navigation, resources, state
from ui.tables import escaped

if TYPE_CHECKING:
    from store.workspace import SavedView

AUDIENCES = {False: "Only me", True: "Everybody"}
MOST_CHARACTERS = 120
_GOING, _ARRIVING = "views_going", "views_arriving"


def menu(page: str) -> None:
    """The popover with everybody's and one's own views, and the form that saves what is on screen.

    Draw it after the filter bar: only then does the address say what the page shows.
    """
    with (
        st.popover("Views", icon=":material/bookmark:", type="tertiary", key="frame_views"),
        errors.boundary("Saved views"),
    ):
        _save(page)
        found = data_workspace.views()
        if not found:
            st.caption(
                "No view is saved yet. A view keeps the page with its filters; a period such as the last 30 days moves on."
            )
            return
        for place, view in enumerate(found):
            _row(view, place, here=_slug(page))
        mine = [view for view in found if view.owner == resources.me()]
        if mine and st.toggle("Links, names and audience of my views", key="views_manage"):
            _manage(mine)


def _save(page: str) -> None:
    with st.form("view_save", border=False):
        name = st.text_input("Save this view as", max_chars=MOST_CHARACTERS, placeholder="Monday morning")
        shared = st.segmented_control(
            "For",
            AUDIENCES,
            default=False,
            required=True,
            format_func=AUDIENCES.__getitem__,
            key="view_shared",
        )
        if st.form_submit_button("Save view", icon=":material/bookmark_add:"):
            with errors.refusals():
                _keep(name, page, shared=bool(shared))


def _keep(name: str, page: str, *, shared: bool) -> None:
    known = {view.name for view in data_workspace.views() if view.owner == resources.me()}
    data_workspace.save_view(name, _slug(page), query(), shared=shared)
    st.toast("Saved in place of the view of that name." if " ".join(name.split()) in known else "Saved.")


def _row(view: SavedView, place: int, *, here: str) -> None:
    """A button that opens the view, and whose it is."""
    entry = _entry(view.page)
    whose = ("everybody's" if view.shared else "mine") if view.owner == resources.me() else f"by {view.owner}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            escaped(view.name), icon=entry.icon if entry else ":material/link_off:", key=f"view_open_{place}",
            type="tertiary", on_click=_open, args=(view, here), disabled=entry is None,
            help=f"Opens {entry.title} with the filters of this view." if entry else "Its page is no longer there.",
        )  # fmt: skip
        st.caption(f"{entry.title if entry else view.page} · {escaped(whose)}")


def _open(view: SavedView, here: str) -> None:
    """Show exactly what was saved: whatever was chosen before is forgotten. `here` is the page that is shown."""
    said = parse_qs(view.query)
    of_bar = filters.parameters()
    # What a widget on screen is bound to can be set by its value alone; the rest goes into the address.
    drawn = [name for name in said if state.value(name) is not None]
    own = {name: said[name] for name in drawn if name not in of_bar}
    state.forget(*(name for name in state.address() if name not in said and name not in of_bar))
    filters.restore(said)
    if view.page == here:
        for name, values in own.items():
            state.put(name, _like(state.value(name), values))
    else:  # another page's parameter of the same name, which no widget of this one may write
        state.put(_ARRIVING, (view.page, own))
    state.put(_GOING, (view.page, {name: values for name, values in said.items() if name not in drawn}))


def _like(known: object, said: list[str]) -> object:
    """A parameter of the address as the widget has it that shows `known` now."""
    if isinstance(known, bool):
        return said[0] == "true"
    if isinstance(known, list | tuple):
        return said
    if isinstance(known, int) and said[0].isdecimal():
        return int(said[0])
    return said[0]


def follow(page: str) -> None:
    """Go where an opened view leads; `page` is the one that is shown. Call before the filter bar, once pages are known."""
    arriving: tuple[str, dict[str, list[str]]] | None = state.value(_ARRIVING)
    if arriving and arriving[0] == _slug(page):
        state.forget(_ARRIVING)
        for name, values in arriving[1].items():
            state.set_links(name, values)
    going: tuple[str, dict[str, list[str]]] | None = state.value(_GOING)
    state.forget(_GOING)
    entry = _entry(going[0]) if going else None
    if going and entry:
        st.switch_page(navigation.page_of(entry), query_params=going[1])


def _manage(mine: Sequence[SavedView]) -> None:
    """The viewer's own views: their links, names and audience, and the way to delete them."""
    for place, view in enumerate(mine):
        with st.expander(escaped(view.name), expanded=len(mine) == 1):
            _managed(view, place)


def _managed(view: SavedView, place: int) -> None:
    st.caption("The link to this view:")
    st.code(link(view), language=None, wrap_lines=True)
    name = st.text_input("Name", view.name, max_chars=MOST_CHARACTERS, key=f"view_name_{place}_{view.name}")
    shared = st.segmented_control(
        "For", AUDIENCES, default=view.shared, required=True, format_func=AUDIENCES.__getitem__,
        key=f"view_for_{place}_{view.name}",
    )  # fmt: skip
    with st.container(horizontal=True):
        if st.button("Save", icon=":material/check:", key=f"view_change_{place}"):
            with errors.refusals():
                data_workspace.change_view(view.name, name, shared=bool(shared))
                st.rerun()
        if st.button("Delete", icon=":material/delete:", key=f"view_delete_{place}"):
            data_workspace.delete_view(view.name)
            st.rerun()


def query() -> str:
    """What the address says now, without the page."""
    return urlencode([(name, one) for name, several in sorted(state.address().items()) for one in several])


def link(view: SavedView) -> str:
    """The whole address of a view, to copy."""
    base = state.here().partition("?")[0].rstrip("/")
    head, _, last = base.rpartition("/")
    root = head if any(last == entry.slug for entry in navigation.MENU) else base
    page = "" if view.page == navigation.MENU[0].slug else view.page
    return f"{root}/{page}" + (f"?{view.query}" if view.query else "")


def _slug(page: str) -> str:
    return next((entry.slug for entry in navigation.MENU if entry.title == page), "")


def _entry(slug: str) -> navigation.Entry | None:
    return next((entry for entry in navigation.MENU if entry.slug == slug), None)
