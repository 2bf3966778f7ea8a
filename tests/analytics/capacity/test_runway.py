"""Runway and staffing: paths worked out by hand, bands of sums, more agents that hold, and sentences for what is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from analytics.capacity import paths
from analytics.capacity.runway import Runway, runway_of
from analytics.capacity.staffing import Needs, Staffing, staffing_of
from core.errors import InputError
from core.filters import Filters
from core.home import Home
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader


def runway(home: Home, where: dict[str, list[str]] | None = None, **more: Any) -> Runway:
    return runway_of(
        open_reader(home), Filters.of(None, where or {}), settings=Settings(), viewer=EVERYTHING, **more
    )


def staffing(home: Home, channel: str, **needs: Any) -> Staffing:
    return staffing_of(
        open_reader(home), Filters(), channel, Needs(**needs), settings=Settings(), viewer=EVERYTHING
    )


def test_a_path_is_what_was_open_plus_what_came_minus_what_could_be_solved_and_never_below_none() -> None:
    found = paths.backlog(10, np.array([[5.0, 5.0, 0.0, 5.0]]), np.array([3.0, 20.0, 4.0, 2.0]))
    assert found.open.tolist() == [[12, 0, 0, 3]]
    assert found.crossing(12, 0.5) == 0 and found.crossing(13, 0.5) is None


def test_the_band_of_a_sum_is_narrower_than_the_sum_of_bands() -> None:
    rng = np.random.default_rng(1)
    said = np.full((12, 28), 50.0)
    came = rng.poisson(said).astype(float)
    coming = paths.arrivals(np.full(28, 50.0), came, said)
    low, high = np.quantile(coming, [0.1, 0.9], axis=0)
    whole = np.quantile(coming.sum(axis=1), [0.1, 0.9])
    assert whole[1] - whole[0] < 0.6 * (high - low).sum()
    assert coming.mean() == pytest.approx(50, rel=0.02) and (coming >= 0).all()
    # Independent Poisson days: the sum's own band is 2 x 1.28 x sqrt(28 x 50), and tests of 28 days can tell no less.
    assert 96 * 0.8 < whole[1] - whole[0] < 96 * 2.5


def test_paths_of_few_bring_on_every_day_what_is_forecast() -> None:
    """No path is below none, which alone would make the mean of few a larger one."""
    said = np.full((12, 28), 1.5)
    came = np.random.default_rng(2).poisson(said).astype(float)
    expected = np.where(np.arange(28) % 7 < 5, 2.0, 0.3)
    coming = paths.arrivals(expected, came, said)
    assert coming.mean(axis=0) == pytest.approx(expected) and (coming >= 0).all()


@pytest.mark.parametrize("hole", [np.nan, 0.0])
def test_past_tests_without_values_give_paths_all_the_same(hole: float) -> None:
    nothing = np.full((3, 5), hole)
    assert np.isfinite(paths.arrivals(np.array([np.nan, 3, 3, 0, 3]), nothing, nothing)).all()
    assert np.isfinite(paths.arrivals(np.full(5, 3.0), nothing[:0], nothing[:0])).all()


def test_the_runway_of_the_sample(sample_home: Home, now: Any) -> None:
    usual = runway(sample_home, threshold=20, capacity_week=6)
    assert [day.day for day in usual.days][::27] == [date(2026, 11, 16), date(2026, 12, 13)]
    assert all(day.low <= day.open <= day.high for day in usual.days)
    assert usual.passes_first and usual.passes and usual.passes_first <= usual.passes
    assert usual.more and f"{usual.more} more agents hold it" in " ".join(usual.sentences)
    assert usual.days[-1].open - usual.open_now == pytest.approx(4 * (usual.arrivals_week - 6), abs=4)
    helped = runway(sample_home, threshold=20, capacity_week=6, more_agents=usual.more)
    assert (
        helped.share
        <= 0.2
        < runway(sample_home, threshold=20, capacity_week=6, more_agents=usual.more - 1).share
    )


def test_what_cannot_be_is_refused_or_said(sample_home: Home, now: Any) -> None:
    for wrong in ({"horizon": 0}, {"threshold": -1}, {"capacity_week": float("nan")}, {"agents": 0}):
        with pytest.raises(InputError):
            runway(sample_home, **wrong)
    assert runway(sample_home, {"topic": ["no such topic"]}).sentences
    with pytest.raises(InputError):
        staffing(sample_home, "chat", target=80)


def test_people_by_hour_and_by_day(sample_home: Home, now: Any) -> None:
    chat = staffing(sample_home, "chat", handling_s=600)
    assert chat.method == "Erlang C" and all(one.answered and one.answered >= 0.8 for one in chat.slots)
    mail = staffing(sample_home, "email", handling_s=1200, shrinkage=0.0, occupancy=1.0)
    assert [one.weekday for one in mail.slots] == sorted({one.weekday for one in mail.slots})
    assert mail.slots[0].at_desk == pytest.approx(mail.slots[0].arrivals * 1200 / 3600 / 8)
    assert "No handling time of email is known" in staffing(sample_home, "email").sentences[0]
    assert "Nothing came by fax" in staffing(sample_home, "fax").sentences[0]
