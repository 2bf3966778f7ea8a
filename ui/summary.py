"""The first sentence of the Overview: how things stand against the period before, computed, not written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from analytics import ratios
from ui import data, errors, filters, several, sheet, tables, words

if TYPE_CHECKING:
    from analytics.result import MetricResult

NOTABLE = 0.10  # a change below a tenth is "as before" for counts and times
ENOUGH = 20  # and nothing is said about fewer conversations than this
NAMES = {
    "volume": ("more conversations", "fewer conversations"),
    "backlog": ("a larger backlog", "a smaller backlog"),
    "first_reply_median": ("slower first replies", "faster first replies"),
    "resolution_median": ("slower resolutions", "faster resolutions"),
    "sla_compliance": ("more SLA targets met", "fewer SLA targets met"),
    "sentiment_negative_share": ("more negative conversations", "fewer negative conversations"),
    "csat_share": ("better ratings", "worse ratings"),
    "replies": ("more replies", "fewer replies"),
    "contact_rate": ("more contacts per customer", "fewer contacts per customer"),
    "solved": ("more solved", "fewer solved"),
    "backlog_age_median": ("an older backlog", "a younger backlog"),
    "open_per_agent": ("more open per agent", "fewer open per agent"),
    "sla_breaches": ("more breached targets", "fewer breached targets"),
    "csat_response_rate": ("more surveys answered", "fewer surveys answered"),
    "experience_score": ("a better experience", "a worse experience"),
}
OF_OVERVIEW = (
    "backlog", "first_reply_median", "resolution_median", "sla_compliance", "sentiment_negative_share", "csat_share",
)  # fmt: skip
TONES = {
    "good": ("green", ":material/trending_up:"),
    "bad": ("orange", ":material/priority_high:"),
    "steady": ("gray", ":material/trending_flat:"),
}


@dataclass(frozen=True, slots=True)
class Summary:
    """A verdict in one word, the sentence, and the tone in which it is shown."""

    verdict: str
    sentence: str
    tone: str  # good bad steady


def summarise(results: dict[str, MetricResult]) -> Summary:
    """How the results stand against their previous period."""
    volume = results["volume"]
    if not volume.total.n:
        return Summary("Nothing", f"there were no conversations from {volume.period}.", "steady")
    head = _head(volume)
    if volume.previous is None:
        return Summary("As it stands", f"{head}.", "steady")
    moved = [result for result in results.values() if result is not volume and _notable(result)]
    worse = [phrase(r) for r in moved if r.change and r.change.good is False]
    better = [phrase(r) for r in moved if r.change and r.change.good]
    other = [phrase(r) for r in moved if r.change and r.change.good is None]
    if worse and not better:
        return Summary("Needs attention", f"{_list(worse)}. {head}.", "bad")
    if better and not worse:
        return Summary("Better than before", f"{_list(better)}. {head}.", "good")
    if worse:
        return Summary("Mixed", f"{_list(worse)}, but {_list(better)}. {head}.", "bad")
    return _neither(volume, head, other)


def _neither(volume: MetricResult, head: str, other: list[str]) -> Summary:
    """Nothing became better or worse: whether there was more to do, in the words of the number beside it."""
    told = f"{_list(other)}. {head}" if other else head
    if _notable(volume) and volume.change:
        busier = volume.change.absolute > 0
        rest = "" if other else "; the rest is about as before"
        return Summary("Busier than before" if busier else "Quieter than before", f"{told}{rest}.", "steady")
    if other:
        return Summary("Changed", f"{told}.", "steady")
    relative = volume.change.relative if volume.change else None
    if relative is not None and abs(relative) >= NOTABLE:
        told += ", which may be chance"
    return Summary("About as before", f"{told}.", "steady")


def _head(volume: MetricResult) -> str:
    change = words.change(volume)
    against = f", {change} on {_earlier(volume)}" if change else ""
    so_far = " so far" if volume.in_progress else ""
    return f"{words.value(volume)} conversations{so_far}{against}"


def _earlier(volume: MetricResult) -> str:
    """What the change is against: the days right before, or those of another year by their dates."""
    days, earlier = volume.period.days, volume.previous_period
    if earlier is None or (volume.period.start - earlier.start).days == days:
        return f"the {days} days before" if days > 1 else "the day before"
    return words.days(earlier)


def phrase(result: MetricResult) -> str:
    """A change in words with both numbers: "slower first replies (1 h 20 m, was 56 m)"."""
    up, down = NAMES.get(result.name, (f"{result.title} up", f"{result.title} down"))
    rises = bool(result.change and result.change.absolute > 0)
    return f"{up if rises else down} ({words.value(result)}, was {words.value(result, result.previous)})"


def _notable(result: MetricResult) -> bool:
    """A change that is large enough to matter and too large for chance."""
    before, now = result.previous, result.total
    if result.change is None or before is None:
        return False
    if now.value is None or before.value is None or max(now.n, before.n) < ENOUGH:
        return False
    if result.unit == "share":
        chance = ratios.two_shares(now.value * now.n, now.n, before.value * before.n, before.n, fewest=ENOUGH)
        return chance is not None and chance <= ratios.CHANCE
    if result.unit == "count":
        if not ratios.counts_differ(now.value, before.value):
            return False
    elif min(now.n, before.n) < ENOUGH:
        return False
    return result.change.relative is None or abs(result.change.relative) >= NOTABLE


def _list(phrases: list[str]) -> str:
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"


def card(*names: str) -> None:
    """The verdict of a page, before any chart; numbers that cannot be had are missing in it, and why is said."""
    with errors.boundary("How things stand"):
        view = filters.view()
        found = several.asked(
            ("volume", *names),
            lambda name: data.metric(name, view.filters, compare=view.compare, grain=view.grain),
        )
        if "volume" not in found.results:  # what all others are read against
            raise found.failed[0]
        _show(found.results)
        several.say(found.failed)


def _show(results: dict[str, MetricResult]) -> None:
    found = summarise(results)
    color, icon = TONES[found.tone]
    sentence = found.sentence[:1].upper() + found.sentence[1:]
    sheet.verdict(found.verdict, sentence)
    with st.container(key="summary"):
        st.markdown(f"#### :{color}[{icon} {found.verdict}.] {sentence}")
        if results["volume"].in_progress:
            st.caption(f":material/hourglass_top: {tables.told(results['volume'].notes[-1])}")
