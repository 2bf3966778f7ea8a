"""Conditions joined by AND and OR: one text in the address, put together by choosing, shown as chips."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import conditions
from core.conditions import Condition, Group, Groups
from core.errors import QuestionError
from ui import data, errors, state
from ui.filters import choices
from ui.tables import escaped, told

ANY = choices.ANY
_DIMENSION, _IS, _VALUES, _PLACE = "any_dimension", "any_is", "any_values", "any_place"
_NEW = "a new alternative"


def is_used() -> bool:
    """Whether the address has conditions."""
    return bool(state.value(ANY) or state.link(ANY))


def editor() -> None:
    """The popover: what there is, one more, and the same as text."""
    groups = chosen()
    label = f"And / or · {sum(map(len, groups))}" if groups else "And / or"
    with st.popover(label, icon=":material/rule:", key="filters_any"):
        st.caption(
            "Beside all other filters, one of these alternatives has to hold; within an alternative, everything."
        )
        for place, group in enumerate(groups):
            _alternative(place, group)
        _adding(groups)
        st.text_input(
            "The same as text", key=ANY, bind="query-params", placeholder="team:Billing;priority!:low|channel:chat",
            help="`;` is and, `|` is or, `!:` is not, `,` stands between values of which any will do.",
        )  # fmt: skip


def refuse(error: QuestionError) -> None:
    """Where the text cannot be read: no numbers, which would be of something else, and the way out."""
    st.error(f"**{told(errors.sentence(error.message))}** {told(error.hint)}", icon=":material/rule:")
    st.button("Take the conditions away", key="any_clear", on_click=put, args=((),))
    st.stop()


def put(groups: Sequence[Group]) -> None:
    """Write the conditions into the address; only from a callback."""
    state.put(ANY, conditions.encode(groups))


def remove(place: int, number: int | None = None) -> None:
    """Take an alternative away, or one condition of it; only from a callback."""
    groups = [list(group) for group in chosen()]
    if place < len(groups):
        if number is None:
            del groups[place]
        elif number < len(groups[place]):
            del groups[place][number]
    put([tuple(group) for group in groups if group])


def drop(taken: Sequence[Condition]) -> None:
    """Take conditions out of every alternative; only from a callback."""
    left = [tuple(one for one in group if one not in taken) for group in chosen()]
    put([group for group in left if group])


def narrow(where: Sequence[tuple[str, tuple[str, ...]]]) -> None:
    """Every alternative holds only with these values as well; only from a callback."""
    put(conditions.narrowed(chosen(), [Condition.of(name, values) for name, values in where]))


def words(groups: Groups) -> list[str]:
    """Each alternative in words, with the titles of the dimensions."""
    titles = {name: title.lower() for name, title in choices.offered().items()}
    return [conditions.told((group,), lambda name: titles.get(name, name)) for group in groups]


def chosen() -> Groups:
    """The alternatives that the address has, in the order written; none where they cannot be read."""
    try:
        return conditions.decode(state.value(ANY) or state.link(ANY) or "")
    except QuestionError:
        return ()


def _alternative(place: int, group: Group) -> None:
    if place:
        st.caption("or")
    with st.container(border=True, gap="xsmall"):
        for number, text in enumerate(words((one,) for one in group)):  # type: ignore[arg-type]
            st.button(
                escaped(f"and {text}" if number else text), icon=":material/close:", icon_position="right", type="tertiary",
                key=f"any_{place}_{number}", help="Take this condition away", on_click=remove, args=(place, number),
            )  # fmt: skip


def _adding(groups: Groups) -> None:
    """The row that adds a condition: dimension, is or is not, values, and where it belongs."""
    titles = choices.offered()
    st.markdown("**Add a condition**")
    with st.grid(2, min_column_width=160, gap="small"):
        with st.container():
            name = st.selectbox("Of", list(titles), format_func=lambda n: titles[n], key=_DIMENSION)
        with st.container():
            st.segmented_control("Has to be", ("is", "is not"), default="is", required=True, key=_IS)
    options = [value for value, _ in data.values(name)]
    chosen = st.multiselect(
        "One of", options, key=_VALUES, placeholder="Choose values", accept_new_options=len(options) >= data.MOST_VALUES,
    )  # fmt: skip
    places = [_NEW, *(f"alternative {n}: {text}" for n, text in enumerate(words(groups), 1))]
    st.selectbox("As part of", range(len(places)), format_func=lambda n: places[n], key=_PLACE)
    st.button("Add", icon=":material/add:", key="any_add", disabled=not chosen, on_click=_add)


def _add() -> None:
    made = Condition.of(
        state.value(_DIMENSION), state.value(_VALUES) or (), is_not=state.value(_IS) == "is not"
    )
    groups, place = [*chosen()], state.value(_PLACE) or 0
    if not made.values:
        return
    if 0 < place <= len(groups):
        groups[place - 1] = tuple(dict.fromkeys((*groups[place - 1], made)))
    else:
        groups.append((made,))
    put(groups)
    state.put(_VALUES, [])
