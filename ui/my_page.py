"""My page: pinned cards in their owner's order, each with the filters it was pinned with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from core.errors import AppError
from ui import audit, cards, data, data_ask, data_workspace, drill, errors, filters, navigation, state, tables
from ui.doing import safely

if TYPE_CHECKING:
    from store.workspace import Card
    from store.workspace.cards import Kind

_SAID = "my_page_said"
LONGEST = 80  # characters of a title that is proposed


def pinner(kind: Kind, title: str, definition: Mapping[str, Any], *, key: str) -> None:
    """A button that pins what is shown, with the filters of the bar, under a title of one's own."""
    with st.popover("Pin to My page", icon=":material/push_pin:", type="tertiary", key=key):
        # A key of its own for what is shown: the title proposed for something else is not kept.
        name = f"{key}_title_{title}"
        st.text_input("Title", value=title[:LONGEST], key=name, max_chars=200)
        st.caption(f"With these filters: {tables.escaped(filters.words())}")
        st.button(
            "Pin", icon=":material/push_pin:", type="primary", key=f"{key}_do", on_click=pin, args=(kind, title, definition, name),
        )  # fmt: skip
        say()


@safely
def pin(kind: Kind, title: str, definition: Mapping[str, Any], named: str = "") -> None:
    """Pin a card with the filters of the bar; only from a callback.

    A metric's definition is {"metric": name}, that of a table what `ui.explore.Choice` keeps. `named` is the key of
    a field with another title. A metric is pinned once with the same filters.
    """
    chosen = (str(state.value(named) or "").strip() if named else "") or title
    whole = {**definition, "bar": filters.kept()}
    if kind == "metric" and _has(whole):
        state.put(_SAID, ("", f"On My page already: {chosen}."))
        return
    _do(lambda: data_workspace.pin(kind, chosen, whole), f"Pinned: {chosen}.")


@safely
def pin_question(question: str) -> None:
    """Pin a question, which is answered anew by the data as it is; only from a callback. It is pinned once."""
    if any(
        card.kind == "question" and card.definition == {"question": question}
        for card in data_workspace.cards()
    ):
        state.put(_SAID, ("", "On My page already."))
        return
    title = question if len(question) <= LONGEST else question[: LONGEST - 2] + " …"
    _do(lambda: data_workspace.pin("question", title, {"question": question}), f"Pinned: {title}.")


def _has(definition: Mapping[str, Any]) -> bool:
    return any(card.kind == "metric" and card.definition == definition for card in data_workspace.cards())


def page() -> None:
    """The cards, or how to get some."""
    say()
    found = data_workspace.cards()
    if not found:
        _empty()
        return
    for kind, several in groupby(found, lambda card: card.kind):
        if kind == "metric":
            with st.grid(4, min_column_width=220, gap="small"):
                for card in several:
                    _card(card, len(found))
        else:
            for card in several:
                _card(card, len(found))


def _empty() -> None:
    with st.container(border=True):
        st.markdown("#### :material/push_pin: Nothing is pinned yet")
        st.markdown(
            "Press :material/push_pin: on a number of any page, or put together a table or a chart on **Explore** and "
            "choose **Pin to My page** below it. A card keeps its filters: a period such as *30 days* moves on with "
            "the data, chosen days stay. Cards stand here in your order, and only you see them."
        )
        st.page_link(navigation.EXPLORE, label="Explore", icon=":material/pivot_table_chart:")


def _card(card: Card, of: int) -> None:
    with st.container(border=True, height="stretch", key=f"my_card_{card.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
            st.markdown(f"**{tables.escaped(card.title)}**", width="stretch")
            _tools(card, of)
        with errors.boundary(card.title):
            if card.kind == "question":
                _question(card)
                return
            view = filters.view_from(_bar(card))
            st.caption(tables.escaped(filters.words(view.filters)))
            if card.kind == "metric":
                _metric(card, view)
            else:
                _explored(card, view)


def _tools(card: Card, of: int) -> None:
    """Up, down, another title, away."""
    told = "Move, rename or remove"
    with st.popover("", icon=":material/more_vert:", type="tertiary", key=f"my_tools_{card.id}", help=told):
        with st.container(horizontal=True):
            up, down = (partial(data_workspace.move_card, card.id, way) for way in ("up", "down"))
            _tool("Up", "arrow_upward", card, up, off=card.position == 1)
            _tool("Down", "arrow_downward", card, down, off=card.position == of)
        key = f"my_title_{card.id}"
        st.text_input("Title", value=card.title, key=key, max_chars=200)
        _tool(
            "Rename", "edit", card, lambda: data_workspace.rename_card(card.id, str(state.value(key) or ""))
        )
        _tool("Remove", "delete", card, lambda: data_workspace.unpin(card.id), said=f"Removed: {card.title}.")


def _tool(
    label: str, icon: str, card: Card, work: Callable[[], object], *, off: bool = False, said: str = ""
) -> None:
    st.button(
        label, icon=f":material/{icon}:", key=f"my_{label.lower()}_{card.id}", disabled=off, on_click=_do, args=(work, said),
    )  # fmt: skip


def _metric(card: Card, view: filters.View) -> None:
    name = str(card.definition.get("metric", ""))
    result = data.metric(name, view.filters, compare=view.compare, grain=view.grain)
    cards.number(result, result.title)
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
        if result.unit != "count":
            st.caption(f"n {numbers.count(result.total.n)}")
        audit.button(result, key=f"my_audit_{card.id}")
        st.button(
            "", icon=":material/inbox:", type="tertiary", key=f"my_open_{card.id}", help="Open the conversations behind it.",
            on_click=drill.open_behind, args=(drill.of_result(result, within=result.filters),),
        )  # fmt: skip


def _question(card: Card) -> None:
    """The first sentences by the data as it is now, without a language model; the whole of it is on Ask."""
    from ui.ask import dialogue

    question = str(card.definition.get("question", ""))
    answer = data_ask.now(question)
    for claim in answer.claims[:2]:
        st.markdown(tables.escaped(claim.text))
    if not answer.claims:
        st.caption(f"Not in the data. {tables.escaped(' '.join(answer.confidence.reasons))}")
    st.button(
        "Ask again", icon=":material/replay:", type="tertiary", key=f"my_ask_{card.id}",
        on_click=dialogue.open_with, args=(question,),
    )  # fmt: skip


def _explored(card: Card, view: filters.View) -> None:
    from ui import explore_view
    from ui.explore import Choice

    choice = Choice.of(card.definition.get)
    explore_view.show(choice, view, key=f"my_{card.id}", within=view.filters)


def _bar(card: Card) -> Mapping[str, Any]:
    bar = card.definition.get("bar")
    return bar if isinstance(bar, dict) else {}


def _do(work: Callable[[], object], said: str = "") -> None:
    """Do something to the cards, and say below what came of it."""
    try:
        work()
        state.put(_SAID, ("", said))
    except AppError as error:
        state.put(_SAID, (errors.plain(error), ""))


def say() -> None:
    """What the last change of the cards came to, once."""
    failed, done = state.value(_SAID) or ("", "")
    state.forget(_SAID)
    if failed:
        st.error(tables.told(failed), icon=":material/error:")
    if done:
        st.toast(tables.told(done), icon=":material/push_pin:")
