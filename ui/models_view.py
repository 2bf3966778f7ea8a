"""Settings → Models: the model card of sentiment with the way back and forth, and what else is in use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from core.errors import AppError
from core.filters import NONE
from ui import data_moods, evidence, kept, mood_labelling, refresh, resources, state, tables, trail
from ui.drill import Drill, open_behind

if TYPE_CHECKING:
    from analytics.moods import MoodCard, MoodLanguage
    from enrich.mood_judged import Judged
    from store.workspace.mood_choices import Kind

MOODS = ("Negative", "Neutral", "Positive")
ANSWERS = (*MOODS, "Not scored")
_SAID = "models_said"


def sentiment() -> None:
    """Who scores moods, how well, on what ground; one click back to the word list and forward again."""
    if resources.generation() is None:
        st.caption("Nothing is loaded yet.")
        return
    found = data_moods.report()
    card = found.card
    st.markdown(f"Moods by **{tables.escaped(found.label)}**")
    if card.problem:
        st.warning(f"The classifier is not used: {tables.escaped(card.problem)}", icon=":material/warning:")
    st.markdown(_ground_of_part(card) if found.is_part else _ground(card))
    _choices(card)
    if not found.is_part:
        mood_labelling.card_of_labels(card)
        mood_labelling.offer()
    if card.whole and card.whole.n:
        _tables(card.whole)
    _languages(found.languages, judged=not found.is_part)
    _differing()


def _ground(card: MoodCard) -> str:
    """What the card rests on, in words."""
    from analytics.moods import FEWEST_PER_CLASS

    if not sum(card.known):
        return (
            "Nobody has corrected a mood yet, so nothing is known about how good these scores are here. "
            f"Correct moods on a conversation's page or in the list: from **{FEWEST_PER_CLASS} of each class** on, the refresh "
            "trains a classifier of your own, and uses it only if it is better."
        )
    told = [f"**{numbers.count(card.total)} corrections**: {_counts(card)}."]
    if card.whole and card.whole.n:
        told.append(
            f"{numbers.count(card.whole.confirmed)} of {numbers.count(card.whole.n)} confirm what the word list finds."
        )
    missing = [
        f"{FEWEST_PER_CLASS - n} {name.lower()}"
        for name, n in zip(MOODS, card.known, strict=True)
        if n < FEWEST_PER_CLASS
    ]
    if missing:
        told.append(
            f"A classifier is trained when there are {FEWEST_PER_CLASS} of each: {', '.join(missing)} to go."
        )
    if card.trained_at:
        told.append(
            f"Trained {numbers.moment(card.trained_at)} UTC on {numbers.count(card.trained_on)} corrections"
            + (
                f" and labels, {numbers.count(card.labels_learned)} of them by a language model."
                if card.labels_learned
                else "."
            )
        )
    if card.whole and card.whole.gain_low is not None and card.whole.gain_high is not None:
        told.append(
            f"Gain over the word list {card.whole.gain_low:+.2f} to {card.whole.gain_high:+.2f} (95 %), by five-fold "
            "cross-validation on conversations that were not learned from."
        )
    if card.reason:
        told.append(f"Verdict: **{tables.escaped(card.reason)}**.")
    return " ".join(told)


def _ground_of_part(card: MoodCard) -> str:
    """What is corrected of what the viewer may see; how good the scores are was judged over the whole workspace."""
    return (
        f"**{numbers.count(card.total)} corrections** in the conversations that you may see: {_counts(card)}. How "
        "good the scores are is judged over the whole workspace, and shown to who may see all of it."
    )


def _counts(card: MoodCard) -> str:
    return ", ".join(
        f"{numbers.count(n)} {name.lower()}" for name, n in zip(MOODS, card.corrections, strict=True)
    )


def _choices(card: MoodCard) -> None:
    """Back, forward and again; what was chosen and is not in the numbers yet is said."""
    wanted, train = kept.moods_wanted()
    may = trail.allows("correct")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if may and card.model and wanted == "model":
            _button("Back to the word list", "lexicon", ":material/undo:")
        if may and wanted == "lexicon":
            _button(
                "Use the classifier again" if card.model else "Use a classifier when one is better",
                "model",
                ":material/redo:",
            )
        if may and card.trained_on:
            _button("Train again", "train", ":material/model_training:")
    if not may:
        st.caption("Whose scores count is chosen by who may correct.")
    if said := state.value(_SAID):
        state.forget(_SAID)
        st.error(said, icon=":material/error:")
    if wanted != card.wanted or train > card.heard:
        what = "the word list" if wanted == "lexicon" else "a classifier, where one is better"
        st.info(
            f"Wanted: {what}{', trained again' if train > card.heard else ''}. It holds from the next refresh on.",
            icon=":material/schedule:",
        )
        refresh.panel(key="models")


def _button(label: str, kind: Kind, icon: str) -> None:
    st.button(label, icon=icon, key=f"models_{kind}", on_click=_chosen(kind))


def _chosen(kind: Kind) -> Callable[[], None]:
    def callback() -> None:
        try:
            kept.choose_moods(kind)
        except AppError as error:
            state.put(_SAID, str(error))

    return callback


def _tables(whole: Judged) -> None:
    """Both confusion matrices with their macro-F1 on the same conversations."""
    who = "People and model say" if whole.of_model else "People say"
    sides = (("Your own classifier", whole.table, whole.f1), ("Word list", whole.list_table, whole.list_f1))
    for column, (title, table, f1) in zip(st.columns(2), sides, strict=True):
        with column:
            st.markdown(f"**{title}**: macro-F1 **{_f1(f1)}**, n {numbers.count(whole.n)}")
            rows = [
                {who: mood} | dict(zip(ANSWERS, row, strict=True))
                for mood, row in zip(MOODS, table, strict=False)
            ]
            tables.plain(rows, alt=f"{title}: {who.lower()}, by what was answered", empty="Not trained.")
    st.caption(
        f"Rows: what {who.lower()}. Columns: what was answered, on conversations that were not learned from. Corrections are no "
        "random sample: where only mistakes are corrected, the word list looks worse than it is."
    )


def _languages(found: tuple[MoodLanguage, ...], *, judged: bool) -> None:
    """A row a language; with how well it is scored where that may be shown."""
    st.markdown("**By language**")
    rows = [
        {
            "Language": one.language or "too short to tell", "Conversations": one.n, "Not scored": one.n - one.scored,
            "Scored by": {"classifier": "own classifier", "lexicon": "word list"}.get(one.by, "nobody"),
        }
        | (_judged(one) if judged else {})
        for one in found
    ]  # fmt: skip
    drills = [Drill((("language", (one.language or NONE,)),)) for one in found]
    st.caption("Not scored is counted, and never neutral. Choose a row to open its conversations.")
    tables.plain(
        rows, alt=f"Moods in {len(rows)} languages", empty="No conversation is counted.", key="models_languages",
        on_select=_opened("models_languages", drills), selection_mode="single-row",
        column_config={
            "Word list": st.column_config.TextColumn(help="Macro-F1 of the word list on the same conversations."),
            "Verdict": st.column_config.TextColumn(width="large"),
        },
    )  # fmt: skip


def _judged(one: MoodLanguage) -> dict[str, Any]:
    """How well a language is scored, in cells."""
    said = one.judged
    return {
        "Corrections": said.n - said.of_model if said else 0,
        **({"Labels by the model": said.of_model} if said and said.of_model else {}),
        "Macro-F1": _f1(said.f1 if said else None),
        "Word list": _f1(said.list_f1 if said else None), "Verdict": said.reason if said else "not judged: no corrections",
    }  # fmt: skip


def _f1(value: float | None) -> str:
    return numbers.MISSING if value is None else f"{value:.2f}"


def _opened(key: str, drills: list[Drill]) -> Callable[[], None]:
    def callback() -> None:
        for row in (state.value(key) or {}).get("selection", {}).get("rows", []):
            if row < len(drills):
                open_behind(drills[row])

    return callback


def _differing() -> None:
    """Conversations that people and the machine see differently, to look at the mistakes."""
    rows = [
        {
            "People say": one.said, "Machine": one.found or "not scored", "Open": evidence.link(one.source, one.conversation_id),
            "Conversation": one.subject or one.conversation_id, "Corrected": one.at,
        }
        for one in data_moods.differing()
    ]  # fmt: skip
    if not rows:
        return
    st.markdown("**Where people and machine differ**")
    tables.plain(
        rows, alt=f"{len(rows)} conversations that people and machine see differently",
        column_config={
            "Conversation": st.column_config.TextColumn(width="large"),
            "Corrected": st.column_config.DatetimeColumn(format="D MMM YYYY"),
            "Open": st.column_config.LinkColumn(display_text="open"),
        },
    )  # fmt: skip


def others() -> None:
    """The other models in use: which vectors, which topics, and who words answers."""
    settings = resources.settings()
    vectors, words = settings.embeddings, settings.llm
    rows = [
        {
            "For": "Search and topics (vectors)",
            "In use": "built-in, no download" if vectors.provider == "wordllama" else f"{vectors.provider}: {vectors.model}",
        },
        {"For": "Topics", "In use": data_moods.topics_in_words()},
        {
            "For": "Wording of answers",
            "In use": "no language model" if words.provider == "none" else f"{words.provider}: {words.model or 'its default'}",
        },
    ]  # fmt: skip
    tables.plain(
        rows,
        alt="Models in use",
        column_config={"In use": st.column_config.TextColumn(width="large")},
    )
