"""Questions and answers: what was understood, the numbers, checked sentences, and the conversations behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui import charts, data, errors, navigation, resources, state, tables

if TYPE_CHECKING:
    from rag.answer import Answer, Citation, MetricFact, QueryPlan
    from store.workspace import Question

CONFIDENCE = {
    "high": ("High confidence", ":material/verified:", "green"),
    "medium": ("Medium confidence", ":material/check:", "blue"),
    "low": ("Low confidence", ":material/help:", "orange"),
    "not in the data": ("Not in the data", ":material/block:", "gray"),
}
KINDS = {
    "representative": "typical",
    "relevant": "close to the question",
    "counter-example": "says otherwise",
}
MOST_NUMBERS = 4
_ASKED = "ask_next"
_VIEWER = "ask_viewer"


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
    turns = state.dialogue().turns
    asked = st.chat_input("Ask about your conversations, for example: why was sentiment negative last week?")
    question = asked or state.value(_ASKED)
    state.put(_ASKED, None)
    if not turns and not question:
        _welcome()
    for position, (earlier, answer) in enumerate(turns):
        with st.chat_message("user", avatar=":material/person:"):
            st.text(earlier)
        with st.chat_message("assistant", avatar=":material/query_stats:"):
            show(answer, key=f"turn{position}", last=position == len(turns) - 1 and not question)
    if question:
        _answer(str(question))


def ask_next(question: str) -> None:
    """Put a question as if it had been typed; for callbacks of buttons."""
    state.put(_ASKED, question)


def _answer(question: str) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        st.text(question)
    with st.chat_message("assistant", avatar=":material/query_stats:"), errors.boundary("The answer"):
        status = st.status("Reading the question …", expanded=True)
        answer = data.ask(question, _follow(), on_event=_progress(status))
        status.update(label=_took(answer), state="complete", expanded=False)
        turns = state.dialogue().turns
        turns.append((question, answer))
        show(answer, key=f"turn{len(turns) - 1}", last=True)


def _follow() -> int | None:
    turns = state.dialogue().turns
    return turns[-1][1].id if turns else None


def _progress(status: Any) -> Callable[[str, Any], None]:
    """What the answer is doing now, in the line above it; each step shows what it made."""
    steps = {
        "plan": "Computing the numbers …", "metrics": "Reading the conversations …",
        "evidence": "Writing the answer …", "words": "Checking every sentence …",
    }  # fmt: skip

    def on_event(kind: str, made: Any) -> None:
        if kind == "plan":
            with status:
                _plan(made)
        elif kind == "metrics":
            status.markdown(" · ".join(f"{fact.title}: **{fact.text}**" for fact in made[:MOST_NUMBERS]))
        elif kind == "verified":
            status.write_stream(_typed(" ".join(claim.text for claim in made)))
        status.update(label=steps.get(kind, "Done"))

    return on_event


def _typed(text: str) -> Iterator[str]:
    """Checked sentences word by word: nothing unchecked is ever shown."""
    for word in text.split(" "):
        yield tables.escaped(word) + " "


def _took(answer: Answer) -> str:
    seconds = answer.timings.get("total") or sum(answer.timings.values())
    return f"Answered in {seconds:.1f} s from generation {answer.generation}"


def _welcome() -> None:
    st.markdown(
        "Ask in plain words. Numbers come from the warehouse, quotes from the conversations; both are checked."
    )
    examples = data.examples()
    with st.container(gap="xsmall"):
        for position, question in enumerate(examples):
            st.button(
                question,
                key=f"example{position}",
                icon=":material/lightbulb:",
                on_click=ask_next,
                args=(question,),
            )
    _history()


def _history() -> None:
    earlier = [q for q in data.recent_questions() if q.answer_json]
    if not earlier:
        return
    with st.expander(f"Earlier questions ({len(earlier)})", icon=":material/history:"):
        for kept in earlier:
            st.button(
                f"{kept.question} · {kept.asked_at:%-d %b %Y %H:%M} UTC", key=f"history{kept.id}", type="tertiary",
                on_click=_reopen, args=(kept,),
            )  # fmt: skip


def _reopen(kept: Question) -> None:
    """Show an answer as it was given, where it can hold nothing that the viewer may not see now; else ask anew."""
    from rag.answer import Answer

    if not resources.viewer().sees_everything:
        ask_next(kept.question)
        return
    answer = Answer.model_validate(kept.answer_json).model_copy(update={"id": kept.id})
    state.dialogue().turns.append((kept.question, data.said(answer)))


def show(answer: Answer, *, key: str, last: bool) -> None:
    """One answer from top to bottom: banner, sentences, numbers, evidence, confidence, what to ask next."""
    if answer.banner:
        st.caption(f":material/info: {answer.banner}")
    _claims(answer)
    _plan(answer.plan)
    _numbers(answer, key)
    _evidence(answer, key)
    _confidence(answer)
    if last:
        _next(answer, key)
    verdict = st.feedback("thumbs", key=f"{key}_feedback")
    if verdict is not None and state.once(f"{key}_feedback_kept", verdict):
        data.keep_feedback(answer.id, "up" if verdict else "down")
        st.toast("Thank you: your verdict is kept with the answer.", icon=":material/favorite:")


def _claims(answer: Answer) -> None:
    if not answer.claims:
        st.markdown("The data does not answer this.")
    for position, claim in enumerate(answer.claims):
        numbers = "".join(f" :blue-badge[{n}]" for n in claim.citations)
        text = tables.escaped(claim.text)
        st.markdown((f"**{text}**" if position == 0 else text) + numbers)
    for near in answer.nearest:
        st.markdown(f"- {tables.escaped(near)}")


def _plan(plan: QueryPlan) -> None:
    """How the question was understood, as chips; assumptions in words."""
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(
            plan.intent.replace("_", " "),
            icon=":material/psychology:",
            color="gray",
            help="What kind of question",
        )
        if plan.period:
            st.badge(str(plan.period), icon=":material/calendar_month:", color="blue")
        if plan.baseline:
            st.badge(f"against {plan.baseline}", icon=":material/compare_arrows:", color="gray")
        for name, values in plan.filters.items():
            st.badge(f"{name}: {' or '.join(values)}", icon=":material/filter_alt:", color="blue")
        for name in plan.metrics:
            st.badge(name.replace("_", " "), icon=":material/functions:", color="gray")
    for sentence in (*plan.assumptions, *plan.ambiguity):
        st.caption(f":material/edit_note: {tables.escaped(errors.sentence(sentence))}")


def _numbers(answer: Answer, key: str) -> None:
    if not answer.metrics:
        return
    with st.grid(MOST_NUMBERS, min_column_width=150):
        for fact in answer.metrics[:MOST_NUMBERS]:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.metric(fact.title, fact.text, help=f"{fact.label}\n\n{' '.join(fact.notes)}".strip())
                st.caption(_small_print(fact))
    with st.expander("Numbers and the queries that gave them", icon=":material/function:"):
        for number, series in enumerate(answer.series):
            charts.draw(charts.series(series), key=f"{key}_series{number}")
        for fact in answer.metrics:
            st.caption(f"**{fact.title}**, {tables.escaped(fact.label)}: {fact.text}, n {fact.n:,}")
            if fact.sql:
                st.code(fact.sql, language="sql", wrap_lines=True)


def _small_print(fact: MetricFact) -> str:
    from core import numbers

    parts = [tables.escaped(fact.label), f"n {fact.n:,}"]
    if fact.baseline is not None:
        before = numbers.value(fact.baseline, fact.unit, fact.baseline_n)
        parts.append(f"{fact.baseline_label or 'before'}: {before}")
    return " · ".join(parts)


def _evidence(answer: Answer, key: str) -> None:
    if not answer.citations:
        return
    st.markdown(f"**Conversations behind it** ({len(answer.citations)})")
    with st.grid(2, min_column_width=300):
        for citation in answer.citations:
            with st.container(border=True, height="stretch", gap="xsmall"):
                _card(citation, key)


def _card(citation: Citation, key: str) -> None:
    subject = tables.escaped(citation.subject or citation.conversation_id)
    st.markdown(f":blue-badge[{citation.n}] **{subject}**")
    when = f"{citation.date:%-d %b %Y}" if citation.date else None
    facts = (when, citation.channel, citation.product, KINDS.get(citation.kind, citation.kind))
    st.caption(" · ".join(part for part in facts if part))
    if citation.quote:
        st.text(f"“{citation.quote}”")
    st.button(
        "Open", key=f"{key}_open{citation.n}", icon=":material/open_in_new:", type="tertiary",
        on_click=navigation.open_conversation, args=(citation.source_id, citation.conversation_id),
    )  # fmt: skip


def _confidence(answer: Answer) -> None:
    word, icon, color = CONFIDENCE[answer.confidence.level]
    reasons = "; ".join(answer.confidence.reasons)
    st.markdown(f":{color}-badge[{icon} {word}] :small[{tables.escaped(reasons)}]")
    for note in answer.notes:
        st.caption(f":material/info: {tables.escaped(note)}")
    if answer.dropped_claims:
        st.caption(
            f":material/remove_moderator: {answer.dropped_claims} sentences did not pass the check and were left out."
        )


def _next(answer: Answer, key: str) -> None:
    if answer.next_questions:
        st.caption("Ask next")
        with st.container(horizontal=True, gap="xsmall"):
            for position, question in enumerate(answer.next_questions):
                st.button(question, key=f"{key}_next{position}", on_click=ask_next, args=(question,))
