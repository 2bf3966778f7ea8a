"""Did it work? What came after a noted change or another event, as the page Anomalies & events shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.errors import QuestionError
from core.filters import Filters, Period
from ui import charts, choose, data, data_effects, data_workspace, errors, notes, sheet, tables
from ui.drill import Drill, chosen

if TYPE_CHECKING:
    from analytics.effects import Effect
    from store.workspace import Note

METRICS = (
    "volume", "first_reply_median", "resolution_median", "reopen_rate", "csat_score", "sentiment_negative_share",
)  # fmt: skip
WINDOWS = {"14": "14 days", "7": "7 days", "28": "28 days"}
USUAL = int(next(iter(WINDOWS)))
SHOWN_BEFORE = 28  # days
MOST_ANSWERS, MOST_LETTERS = 8, 60
VERDICTS = {
    "higher": "went up",
    "lower": "went down",
    "none": "no measurable effect",
    "unknown": "cannot be told",
}
NOTHING = (
    "No change and no event is noted in these days. *Notes* in the header adds one: of the kind "
    f"“{notes.CHANGE}”, and limited to the filters that say what it touched."
)


def card(filters: Filters) -> None:
    """Every change with its answer, and one of them day by day."""
    found = _events(filters)
    if not found:
        st.info(NOTHING, icon=":material/info:")
        return
    _answers([one for one in found if one.tag == "change"][:MOST_ANSWERS], filters)
    by_id = {str(one.id): one for one in found}
    titles = {id: f"{one.from_day:%-d %b %Y} · {_short(one)}" for id, one in by_id.items()}
    note = by_id[choose.one("Change or event", titles, key="effect_of", is_long=True)]
    every = data_workspace.metric_titles()
    offered = {name: every[name] for name in (note.metric or METRICS[0], *METRICS) if name in every}
    metric = choose.one("Number", offered, key="effect_metric")
    window = int(choose.one("Days after", _windows(note), key="effect_days"))
    if note.metric and note.metric not in every:
        _say(f"The note is of the number {tables.escaped(note.metric)}, which there is no longer.")
    told = _asked(note, metric, filters, window)
    if isinstance(told, QuestionError):
        st.warning(errors.words(told), icon=":material/rule:")
    else:
        _one(note, told, filters)


def _events(filters: Filters) -> list[Note]:
    """What was noted of the days on screen: our own changes first, and of them the latest. Holidays are no deeds."""
    found = [
        one
        for one in data_workspace.notes()
        if one.tag != "holiday" and (filters.period is None or notes.touches(one, filters.period))
    ]
    return sorted(found, key=lambda one: (one.tag != "change", -one.from_day.toordinal(), -one.id))


def _windows(note: Note) -> dict[str, str]:
    """How many days are looked at; what lasted for days is looked at as long as it lasted."""
    lasted = (note.to_day - note.from_day).days + 1
    return {str(lasted): f"the {lasted} days noted"} | WINDOWS if 2 < lasted <= 90 else WINDOWS


def _answers(changes: Sequence[Note], filters: Filters) -> None:
    """A row a change: what it did to its number. Of one alone the card says it anyway."""
    if len(changes) < 2:
        return
    told = [_asked(one, one.metric or METRICS[0], filters, USUAL) for one in changes]
    both = list(zip(changes, told, strict=True))
    drills = [_drill(*pair, filters) for pair in both]
    tables.plain(
        [_answer(*pair) for pair in both], alt="What each change did", key="effects_all",
        selection_mode="single-row", on_select=chosen("effects_all", drills),
    )  # fmt: skip


def _asked(note: Note, metric: str, filters: Filters, window: int) -> Effect | QuestionError:
    """What an event did, or why that cannot be asked: a note outlives the metric or dimension it is limited to."""
    try:
        return data_effects.effect(metric, filters, note.from_day, note.only, window)
    except QuestionError as refused:
        return refused


def _answer(note: Note, found: Effect | QuestionError) -> dict[str, Any]:
    if isinstance(found, QuestionError):
        return {
            "Day": f"{note.from_day:%Y-%m-%d}", "Change": _short(note), "Answer": errors.sentence(found.message), "Effect": "",
            "Number": note.metric or "", "Touched": notes.limits(note.only) or "everything",
        }  # fmt: skip
    return {
        "Day": f"{note.from_day:%Y-%m-%d}",
        "Change": _short(note),
        "Answer": VERDICTS[found.verdict] if found.days else found.sentences[0],
        "Effect": _off(found.effect, found),
        "Number": found.title,
        "Touched": notes.limits(note.only) or "everything",
    }


def _one(note: Note, found: Effect, filters: Filters) -> None:
    """The answer, the days, and what it rests on."""
    from analytics.effects import within

    of = notes.limits(note.only)
    answer, *more = found.sentences
    _say(f"**{tables.escaped(answer)}**" + (f" Touched: {tables.escaped(of)}." if of else ""))
    if not found.days:
        return
    last = min(found.days[-1].day, data.span()[1])
    period = Period(found.at - timedelta(days=SHOWN_BEFORE), last)
    result = data.metric(found.name, within(filters, note.only).over(period), grain="day")
    charts.draw(charts.effect(result, found, _bar(found, filters)), key="effect_days_drawn")
    _say(tables.escaped(" ".join(more)))
    rows = [
        {"Off the forecast from before": title, "By": _off(one, found)}
        for title, one in (
            ("What was touched", found.alone), ("What was left alone", found.untouched),
            ("The effect: the one against the other", found.effect if found.untouched else None),
        )
        if one is not None
    ]  # fmt: skip
    tables.plain(rows, alt="How far the touched and the untouched were off their forecasts")


def _off(one: Any, found: Effect) -> str:
    from analytics.effects.words import signed

    return (
        ""
        if one is None
        else f"{signed(one.value, found)} (95 %: {signed(one.low, found)} to {signed(one.high, found)})"
    )


def _bar(found: Effect, filters: Filters) -> Filters | None:
    """The filters that a click on what was touched adds to, where they are not those of the bar."""
    from analytics.effects import around

    bar = around(filters, found.touched)
    return None if bar == filters else bar


def _drill(note: Note, found: Effect | QuestionError, filters: Filters) -> Drill:
    """What was touched, in the days after."""
    if isinstance(found, QuestionError):
        return Drill((), Period(note.from_day, note.to_day))
    last = found.days[-1].day if found.days else found.at
    return Drill(found.touched, Period(found.at, last), found.name, within=_bar(found, filters))


def _short(note: Note) -> str:
    flat = " ".join(note.text.split())
    return flat if len(flat) <= MOST_LETTERS else f"{flat[: MOST_LETTERS - 1]}…"


def _say(text: str) -> None:
    sheet.say(text)
    st.markdown(text)
