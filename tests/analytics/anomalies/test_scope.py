"""What is said under filters is of what they keep, and is heard wherever that slice is looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from analytics.anomalies.context import concerning, events_of
from analytics.anomalies.incidents import Incident, find
from analytics.anomalies.judging import judge
from analytics.anomalies.reading import as_slice
from analytics.anomalies.report import anomalies
from analytics.anomalies.verdicts import Verdict, Verdicts
from analytics.anomalies.words import sentences
from analytics.forecasting.known import with_incidents
from core import conditions
from core.effective import effective_settings
from core.filters import Filters, Period
from core.home import Home
from core.settings import load_settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from store.workspace import Workspace
from store.workspace.anomaly_verdicts import Saying
from tests.analytics.anomalies.panels import counts, day
from tests.shared import copy_of

FRONT, CHAT = ("team", "Front Line"), ("channel", "chat")
DAY = date(2026, 10, 31)


def incidents(scope: Any = (), at: int = 150) -> list[Incident]:
    """Everything and one slice of it, chat, on a day of three times as many, where filters keep `scope`."""
    draw = np.random.default_rng(8)
    parts = [draw.poisson(mean, 200).astype(float) for mean in (12, 30)]
    parts[0][at] += 70
    panel = counts(parts[0] + parts[1], parts[0], where=((), (CHAT,)))
    return [replace(one, scope=scope) for one in find(panel, judge(panel))]


def said(one: Incident, word: Saying = "noise") -> Verdict:
    assert one.whole is not None
    return Verdict(one.key, one.metric, one.whole, word, day(160), one.start, one.end, "Ann")


def hidden(verdict: Verdict, told: list[Incident]) -> list[Any]:
    return [one.whole for one in Verdicts((verdict,)).sorted_out(told, {})[1]]


def test_filters_of_one_value_each_are_a_slice() -> None:
    assert as_slice(Filters()) == ()
    assert as_slice(Filters.of(where={"team": ["Front Line"], "channel": ["chat"]})) == (CHAT, FRONT)
    assert as_slice(Filters.of(where={"team": ["A", "B"]})) is None
    assert as_slice(Filters.of(groups=conditions.decode("team!:A"))) is None
    assert as_slice(Filters.of(include=["spam"])) is None
    business = Filters.of(hours="business")
    assert as_slice(business) == () and as_slice(business, "duration") is None


@pytest.mark.parametrize("word", ["noise", "expected_event", "new_normal"])
def test_what_is_said_under_a_filter_hides_nothing_of_the_whole(word: Saying) -> None:
    whole, part = incidents(), incidents((FRONT,))
    everything = next(one for one in part if not one.where)
    assert everything.whole == (FRONT,) and everything.key == f"volume|team=Front Line|{day(150)}"
    verdict = said(everything, word)
    assert hidden(verdict, whole) == []
    also = [] if word == "noise" else [(CHAT, FRONT)]
    assert sorted(hidden(verdict, part)) == sorted([(FRONT,), *also])
    assert hidden(said(next(one for one in part if one.where), word), [*whole, everything]) == []


@pytest.mark.parametrize("word", ["noise", "expected_event", "new_normal"])
def test_a_slice_is_the_same_by_its_filter_and_as_a_part_of_the_whole(word: Saying) -> None:
    chat = next(one for one in incidents() if one.where)
    filtered = replace(chat, where=(), scope=(CHAT,))
    assert filtered.key == chat.key
    assert hidden(said(chat, word), [filtered]) == hidden(said(filtered, word), [chat]) == [(CHAT,)]


def test_thresholds_and_new_normals_are_those_of_what_the_filters_keep() -> None:
    days = [day(at) for at in range(200)]
    chat, front = said(next(one for one in incidents() if one.where)), said(incidents((FRONT,))[0])
    verdicts = Verdicts(
        (chat, replace(chat, word="new_normal"), said(next(o for o in incidents() if not o.where)))
    )
    assert set(verdicts.steps("volume", days)) == {(CHAT,), ()} and set(verdicts.since("volume")) == {(CHAT,)}
    there = verdicts.under((CHAT,))
    assert set(there.steps("volume", days)) == set(there.since("volume")) == {()}
    assert verdicts.under((FRONT,)).steps("volume", days) == verdicts.under(None).steps("volume", days) == {}
    assert Verdicts((front,)).steps("volume", days).keys() == {front.where}


def test_of_filters_that_are_no_slice_nothing_is_said_and_what_covers_them_holds() -> None:
    told = incidents(None)
    assert all(one.whole is None for one in told) and all("(filtered)" in one.key for one in told)
    everything, chat = (next(one for one in incidents() if bool(one.where) is part) for part in (False, True))
    assert Verdicts((said(everything, "expected_event"), said(everything))).sorted_out(told, {})[1] == []
    left = Verdicts((said(chat, "expected_event"),)).sorted_out(told, {})[1]
    assert [one.where for one in left] == [(CHAT,)]


def test_a_verdict_is_of_the_incident_whatever_days_are_looked_at() -> None:
    """The same incident opened two days earlier in a longer look; one before it, and another slice, are others."""
    one = replace(incidents()[0], end=day(153))
    earlier = replace(one, opened=day(148), start=day(148))
    assert one.key != earlier.key and hidden(said(one), [earlier]) == [one.whole]
    before = replace(one, opened=day(140), start=day(140), peak=day(140), end=day(144))
    other = replace(earlier, where=(("channel", "email"),))
    assert hidden(said(one), [before, other]) == []
    long = replace(one, start=day(120))  # a mean over a month that opens on the day
    assert hidden(said(before), [long]) == []
    useful = replace(said(earlier, "useful"), on=day(170))
    assert Verdicts((said(one), useful)).sorted_out([one, earlier], {})[1] == []
    assert Verdicts((said(one), useful)).precision() == (1, 1)


@pytest.fixture
def own(sample_home: Home, tmp_path: Any, now: Any) -> Home:
    return copy_of(sample_home, tmp_path / "own")


def told(home: Home, filters: Filters, verdicts: Verdicts = Verdicts()) -> Any:  # noqa: B008 - frozen
    settings = effective_settings(home, load_settings(home))
    events = events_of(Workspace(home).notes())
    return anomalies(
        open_reader(home), filters.over(Period(date(2026, 10, 1), date(2026, 11, 15))), settings=settings,
        viewer=EVERYTHING, metrics=("volume",), shown=False, verdicts=verdicts, events=events,
    )  # fmt: skip


def test_noise_under_a_filter_leaves_the_day_of_everything_told(own: Home) -> None:
    chat = Filters.of(where={"channel": ["chat"]})
    everything, filtered = told(own, Filters()).cards[0], told(own, chat).cards[0]
    assert everything.headline.peak == filtered.headline.peak == DAY
    assert everything.headline.whole == () and filtered.headline.whole == (CHAT,)
    verdicts = Verdicts((said(filtered.headline),))
    assert told(own, Filters(), verdicts).cards[0].headline.key == everything.headline.key
    assert told(own, chat, verdicts).suppressed[0].whole == (CHAT,)
    assert told(own, Filters.of(where={"channel": ["chat", "web"]})).cards[0].headline.whole is None


def test_a_note_is_told_of_the_metric_and_slice_that_it_is_limited_to(own: Home) -> None:
    workspace, of = Workspace(own), Period(DAY, DAY)
    workspace.add_note(of, "Another survey", tag="change", author="ann", metric="csat_score")
    workspace.add_note(of, "Chat robot off", tag="incident", author="ann", only={"channel": ["chat"]})
    workspace.add_note(of, "Mail robot off", tag="incident", author="ann", only={"channel": ["email"]})
    workspace.add_note(of, "Counted anew", tag="change", author="ann", metric="volume")
    card = told(own, Filters()).cards[0]
    assert card.headline.context == ("Noted for 31 Oct: Counted anew (change).",)
    chat = next(one for one in card.others if one.where == (CHAT,))
    assert [line.split(": ")[1] for line in chat.context] == [
        "Chat robot off (incident).",
        "Counted anew (change).",
    ]
    text = " ".join(sentences(card))
    assert "Of channel chat: Noted for 31 Oct: Chat robot off (incident)." in text
    assert text.count("Counted anew") == 1 and "survey" not in text and "Mail" not in text
    filtered = told(own, Filters.of(where={"channel": ["chat"]})).cards[0]
    assert len(filtered.headline.context) == 2


def test_forecasts_do_not_learn_from_an_expected_event(own: Home) -> None:
    workspace = Workspace(own)
    workspace.say_of_anomaly(
        "k", "expected_event", metric="volume", where=(CHAT,), days=(DAY, DAY), viewer="ann"
    )
    known = {}
    for name, filters in (("chat", Filters.of(where={"channel": ["chat"]})), ("all", Filters())):
        calendar = with_incidents(None, concerning(workspace.notes(), "volume", filters))
        known[name] = calendar.one_off if calendar else frozenset()
    assert known == {"chat": {DAY}, "all": frozenset()}
    assert concerning(workspace.notes(), "csat_score", Filters.of(where={"channel": ["chat"]})) == ()
