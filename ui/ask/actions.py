"""What to do with an answer: say what was wrong, take it along, keep its conversations, be told of its number.

Nothing here changes a conversation. An alert is only a form that is filled in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from rag.quality import VERDICTS
from ui import data_ask, my_page, state, trail
from ui.conversations import actions as conversations
from ui.doing import safely

if TYPE_CHECKING:
    from rag.answer import Answer
    from store.workspace.questions import Verdict

ICONS: dict[Verdict, str] = {
    "useful": ":material/thumb_up:", "number": ":material/calculate:", "evidence": ":material/speaker_notes_off:",
    "misread": ":material/psychology_alt:",
}  # fmt: skip


def draw(answer: Answer, key: str) -> None:
    """The actions in one row, then what was thought of the answer."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"{key}_actions"):
        _along(answer, key)
        if answer.citations:
            keys = [(one.source_id, one.conversation_id) for one in answer.citations]
            conversations.keep(list(dict.fromkeys(keys)), key)
        if answer.metrics:
            _alert(answer, key)
        st.button(
            "Pin to My page", icon=":material/push_pin:", type="tertiary", key=f"{key}_pin",
            on_click=my_page.pin_question, args=(answer.question,),
        )  # fmt: skip
    conversations.said(key=f"{key}_said")
    my_page.say()
    if answer.id:
        _verdict(answer, key)


def _along(answer: Answer, key: str) -> None:
    """The answer as Markdown: to copy, and as a file for who may export."""
    if not trail.allows("export"):
        return
    with st.popover("Copy or export", icon=":material/content_copy:", type="tertiary", key=f"{key}_along"):
        written = data_ask.markdown(answer)
        st.code(written, language="markdown", wrap_lines=True, height=260)
        st.download_button(
            "Markdown file", trail.handed_out(written.encode, "answer", question=answer.question),
            f"answer-{answer.id}.md", "text/markdown", icon=":material/download:", key=f"{key}_md", on_click="ignore",
        )  # fmt: skip


def _alert(answer: Answer, key: str) -> None:
    """The first number as the draft of an alert; the form is filled in and nothing is kept."""
    from ui import alerts_form, data_alerts

    drafted = data_ask.alert_draft(answer)
    if drafted is None or not data_alerts.may_change():
        return
    name, definition = drafted
    st.button(
        "Alert on this", icon=":material/notifications:", type="tertiary", key=f"{key}_alert", on_click=alerts_form.draft,
        args=(name, "threshold", definition), help="Fills in the form on Alerts; nothing is kept until you save it.",
    )  # fmt: skip


def _verdict(answer: Answer, key: str) -> None:
    given = state.value(f"{key}_verdict")
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key=f"{key}_feedback"):
        for verdict, words in VERDICTS.items():
            st.button(
                words, icon=ICONS[verdict], key=f"{key}_{verdict}", type="tertiary", disabled=given == verdict,
                on_click=_keeps(answer.id, verdict, f"{key}_verdict"),
            )  # fmt: skip
    if given:
        more = " Change the chips above and ask again." if given == "misread" else ""
        st.caption(f":material/check: Kept with the answer: {VERDICTS[given].lower()}.{more}")


def _keeps(question_id: int, verdict: Verdict, key: str) -> Callable[[], Any]:
    def callback() -> None:
        data_ask.keep_feedback(question_id, verdict)
        state.put(key, verdict)

    return safely(callback)
