"""The dialogue of one tab: what was asked, the answers, and the one that is made while somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from ui import data, data_ask, errors, navigation, resources, state
from ui.ask import answers, live
from ui.doing import safely
from ui.tables import escaped, told

if TYPE_CHECKING:
    from rag.answer import Answer
    from rag.chips import Change
    from store.workspace import Question

_ASKED, _CHANGED, _VIEWER, _REFUSED = "ask_next", "ask_changed", "ask_viewer", "ask_refused"
_ERASED, _LEAST = "ask_erased", "ask_least"


def page() -> None:
    """The whole conversation of this tab, then the input; the newest answer is computed while one looks."""
    for source in data.source_rows():
        if not source["messages"]:
            st.info(
                f"**{source['source_id']}** brings no messages: it can be counted, but not quoted.",
                icon=":material/speaker_notes_off:",
            )
    if state.once(_VIEWER, resources.viewer()):
        state.dialogue().turns.clear()  # written for somebody who could see other things
    _forget_erased()
    turns = state.dialogue().turns
    asked = st.chat_input("Ask about your conversations, for example: why was sentiment negative last week?")
    changed = state.value(_CHANGED)
    question = asked or state.value(_ASKED) or (changed and changed[0])
    state.forget(_ASKED, _CHANGED)
    if question:
        state.forget(_ERASED)
    if state.value(_ERASED):
        st.info(
            "Data was erased since you asked, so the answers in this tab are gone. Ask again: "
            "the question is answered from what is there now.",
            icon=":material/delete_sweep:",
        )  # fmt: skip
    if not turns and not question:
        _welcome()
    for position, (earlier, answer) in enumerate(turns):
        _said(earlier)
        with st.chat_message("assistant", avatar=":material/query_stats:"):
            is_last = position == len(turns) - 1 and not question
            answers.show(answer, key=f"turn{position}", last=is_last, ask=ask_next, change=_change(answer))
    if refused := state.value(_REFUSED):
        state.forget(_REFUSED)
        st.error(told(refused), icon=":material/error:")
    if question:
        _answer(str(question), changed[1] if changed and not asked else None)


def _forget_erased() -> None:
    """Take the answers away when something was erased since the last run: they may quote it.

    Those that are kept as earlier questions were looked through when it was erased, and can be opened again.
    """
    turns = state.dialogue().turns
    if state.once(_LEAST, resources.least_generation()) and turns:
        turns.clear()
        state.put(_ERASED, True)


def ask_next(question: str) -> None:
    """Put a question as if it had been typed; for callbacks of buttons."""
    state.put(_ASKED, question)


def open_with(question: str) -> None:
    """Go to Ask and put a question; for callbacks of buttons on other pages."""
    ask_next(question)
    navigation.go(navigation.ASK)


def _change(answer: Answer) -> Callable[[Mapping[str, Change]], None]:
    """Ask the same question as an edited plan; for callbacks of chips."""

    def change(changes: Mapping[str, Change]) -> None:
        from core.errors import AppError

        try:
            state.put(_CHANGED, (answer.question, data_ask.edited(answer.plan, changes)))
        except AppError as error:
            state.put(_REFUSED, errors.plain(error))

    return change


def _said(question: str) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        st.text(question)


def _answer(question: str, plan: Any) -> None:
    _said(question)
    with st.chat_message("assistant", avatar=":material/query_stats:"), errors.boundary("The answer"):
        follow = None if plan else _follow()
        with live.progress() as on_event:
            answer = data_ask.ask(question, follow, plan, on_event=on_event)
        turns = state.dialogue().turns
        turns.append((question, answer))
        answers.show(answer, key=f"turn{len(turns) - 1}", last=True, ask=ask_next, change=_change(answer))


def _follow() -> int | None:
    turns = state.dialogue().turns
    return turns[-1][1].id or None if turns else None


def _welcome() -> None:
    st.markdown(
        "Ask in plain words. Numbers come from the warehouse, quotes from the conversations; both are checked."
    )
    with st.container(gap="xsmall"):
        for position, question in enumerate(data_ask.examples()):
            st.button(
                escaped(question), key=f"example{position}", icon=":material/lightbulb:", on_click=ask_next, args=(question,)
            )  # fmt: skip
    _history()


def _history() -> None:
    """Earlier questions: as they were answered then, or asked anew of the data as it is now."""
    earlier = [q for q in data_ask.recent_questions() if q.answer_json]
    if not earlier:
        return
    with st.expander(f"Earlier questions ({len(earlier)})", icon=":material/history:"):
        for kept in earlier:
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.button(
                    f"{escaped(kept.question)} · {numbers.moment(kept.asked_at)} UTC", key=f"history{kept.id}",
                    type="tertiary", on_click=safely(_reopen), args=(kept,), help="The answer as it was given then",
                )  # fmt: skip
                st.button(
                    "Ask again", key=f"again{kept.id}", type="tertiary", icon=":material/replay:",
                    on_click=ask_next, args=(kept.question,),
                )  # fmt: skip


def _reopen(kept: Question) -> None:
    """Show an answer as it was given, where it can hold nothing that the viewer may not see now; else ask anew."""
    from rag.answer import Answer

    if not resources.viewer().sees_everything:
        ask_next(kept.question)
        return
    answer = Answer.model_validate(kept.answer_json).model_copy(update={"id": kept.id})
    state.dialogue().turns.append((kept.question, data_ask.said(answer)))
