"""What people want of topics, chosen where they are shown: rename, merge, move, pin, split, and take it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import AppError
from ui import data_topics, errors, state, tables, topic_wording, trail

if TYPE_CHECKING:
    from analytics.topic_list import Topic
    from store.workspace import TopicChoice

SAID = "topic_curation_said"
DEEDS = {
    "rename": "Rename", "merge": "Merge into", "move": "Move to a group", "pin": "Pin", "split": "Split",
}  # fmt: skip
MOST_PARTS = 10
WORDS = {
    "rename": "is called", "word": "is called", "merge": "is counted under", "move": "lies in the group", "pin": "is pinned",
    "split": "is split into", "refit": "topics are found again",
}  # fmt: skip


def panel() -> None:
    """The form for one topic, and everything that was chosen so far."""
    found = data_topics.topics().topics
    numbered = {one.topic_id: one for one in found if one.topic_id is not None}
    _said()
    if not numbered:
        st.caption("There is no topic to change yet.")
        return
    if trail.allows("correct"):
        _form(numbered)
    else:
        st.caption("Your role may not change topics.")
    topic_wording.offer()
    _chosen(numbered)


def _form(numbered: dict[int, Topic]) -> None:
    topic = st.selectbox(
        "Topic", list(numbered), key="curate_topic", format_func=lambda number: _named(numbered, number)
    )
    _about(numbered[topic])
    deed = st.segmented_control(
        "What to do",
        list(DEEDS),
        default="rename",
        required=True,
        key="curate_deed",
        format_func=DEEDS.__getitem__,
    )
    work = _work(deed or "rename", topic, numbered)
    with st.container(horizontal=True):
        st.button(
            "Keep this choice", key="curate_do", type="primary", disabled=work is None, icon=":material/check:",
            on_click=lambda: _do(work),
        )  # fmt: skip
        st.button(
            "Find topics again", key="curate_refit", type="tertiary", icon=":material/refresh:",
            on_click=lambda: _do(data_topics.refit), help="At the next refresh. Topics that people changed or pinned stay.",
        )  # fmt: skip


def _about(one: Topic) -> None:
    """What the topic is, so that nobody renames the wrong one."""
    subjects = [example.subject for example in one.examples if example.subject]
    examples = f" Examples: {tables.escaped('; '.join(subjects))}." if subjects else ""
    was = f" Found as {tables.escaped(one.found_label)}." if one.found_label else ""
    group = f"In the group {tables.escaped(one.group)}. " if one.group else ""
    st.caption(f"{group}Words: {tables.escaped(', '.join(one.terms[:6]))}.{was}{examples}")


def _work(deed: str, topic: int, numbered: dict[int, Topic]) -> Callable[[], None] | None:
    """What the button does; None while something is missing."""
    if deed == "rename":
        name = st.text_input(
            "Its name", key="curate_name", max_chars=80, placeholder=numbered[topic].label
        ).strip()
        return (lambda: data_topics.rename(topic, name)) if name else None
    if deed == "merge":
        others = [number for number in numbered if number != topic]
        into = st.selectbox(
            "Count it under", others, index=None, key="curate_into", format_func=lambda n: _named(numbered, n)
        )
        return (lambda: data_topics.merge(topic, into)) if into is not None else None
    if deed == "move":
        groups = sorted({one.group for one in numbered.values() if one.group})
        group = st.selectbox("Group", groups, index=None, key="curate_group", accept_new_options=True,
                             placeholder="Choose one, or write a new one")  # fmt: skip
        return (lambda: data_topics.move(topic, group)) if group else None
    if deed == "split":
        parts = st.number_input("Into how many parts", 2, MOST_PARTS, key="curate_parts")
        return lambda: data_topics.split(topic, int(parts))
    st.caption("Its conversations stay in it whenever topics are found again.")
    return lambda: data_topics.pin(topic)


def _do(work: Callable[[], None] | None) -> None:
    """Keep a choice and remember what to say of it. Only from a callback."""
    if work is None:
        return
    try:
        work()
        state.put(SAID, ("Kept. It holds from the next refresh on.", True))
    except AppError as error:
        state.put(SAID, (errors.plain(error), False))
    state.forget("curate_name", "curate_into", "curate_group")


def _said() -> None:
    told = state.value(SAID)
    if told:
        (st.success if told[1] else st.warning)(told[0])
        state.forget(SAID)


def _chosen(numbered: dict[int, Topic]) -> None:
    """Every choice in force, each with the way back."""
    choices = data_topics.choices()
    if not choices:
        st.caption(
            "Nobody has changed a topic. A choice is kept with your name, and can be taken back at any time."
        )
        return
    st.markdown("**What was chosen**")
    worded = [one for one in choices if one.kind == "word"]
    _listed([one for one in choices if one.kind != "word"], numbered)
    topic_wording.given(worded)
    if worded:
        with st.expander("Each of these names"):
            _listed(worded, numbered)


def _listed(choices: list[TopicChoice], numbered: dict[int, Topic]) -> None:
    may = trail.allows("correct")
    for one in choices:
        with st.container(horizontal=True, vertical_alignment="center", key=f"choice_{one.id}"):
            st.markdown(_told(one, numbered))
            if may:
                st.button("Take back", key=f"choice_undo_{one.id}", type="tertiary", icon=":material/undo:",
                          on_click=lambda id=one.id: _do(lambda: data_topics.undo(id)))  # fmt: skip


def _told(one: TopicChoice, numbered: dict[int, Topic]) -> str:
    by = f"{one.model}, asked by {one.viewer}" if one.model else one.viewer
    who = f":gray[{tables.escaped(by)}, {one.at:%-d %b %Y}]"
    if one.topic_id is None:
        return f"{WORDS[one.kind].capitalize()} · {who}"
    end = one.words or ""
    if one.kind == "merge" and one.target_id is not None:
        end = _named(numbered, one.target_id)
    elif one.kind == "split":
        end = f"{one.target_id} parts"
    return f"**{tables.escaped(_named(numbered, one.topic_id))}** {WORDS[one.kind]} {tables.escaped(end)} · {who}"


def _named(numbered: dict[int, Topic], number: int) -> str:
    known = numbered.get(number)
    return f"{known.label} ({known.n:,})" if known else f"topic {number}"
