"""Runway and staffing: paths worked out by hand, bands of sums, more agents that hold, and sentences for what is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.capacity import paths
from analytics.capacity.runway import EACH_NONE, Runway, Team, _more, _solving, runway_of
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
    assert found.solved.tolist() == [[3, 17, 0, 2]]  # never more than there is
    assert found.crossing(12, 0.5) == 0 and found.crossing(13, 0.5) is None


def test_what_can_be_solved_follows_the_arrivals_of_single_days_and_not_of_the_whole_path() -> None:
    coming = np.array([[8.0, 10.0, 9.0], [10.0, 8.0, 9.0], [2.0, 4.0, 3.0], [4.0, 2.0, 3.0]])
    usual = np.array([5.0, 5.0, 0.0])
    found = paths.able(usual, coming, paths.Swings(np.array([]), 1.0))
    assert found.mean(axis=0) == pytest.approx(usual) and not found[:, 2].any()
    assert found[:, 1] - found[:, 0] == pytest.approx([2, -2, 2, -2])
    assert found[:, :2].mean(axis=1) == pytest.approx(
        [5, 5, 5, 5], abs=0.2
    )  # three times as much comes on two


def test_where_nothing_is_solved_more_who_solve_nothing_do_not_hold_it(sample_home: Home, now: Any) -> None:
    found = runway(sample_home, capacity_week=0.0)
    assert found.agents and found.more is None and found.share > 0.2
    said = " ".join(found.sentences)
    assert EACH_NONE in said and "nobody works" not in said


def planted(saturated: bool) -> tuple[pd.Series, pd.Series]:
    """Six a day for 400 days: five are solved of a heap that only grows, or each on its day or one of the next two."""
    rng = np.random.default_rng(7)
    came = rng.poisson(6, 400)
    gone = rng.poisson(5, 400)
    if not saturated:
        late = rng.choice(3, came.sum(), p=[0.7, 0.2, 0.1])
        gone = np.bincount(np.repeat(np.arange(400), came) + late, minlength=402)[:400]
    days = pd.date_range("2025-10-12", periods=400)
    return pd.Series(came.astype(float), days), pd.Series(20.0 + np.cumsum(came - gone), days)


def test_the_band_of_a_team_that_keeps_up_is_near_what_its_backlog_did() -> None:
    """Solved and come are not drawn apart where the one follows the other."""
    came, left = planted(saturated=False)
    week, swings = _solving(came, left, None)
    assert 0.5 < swings.along < 0.9  # seven of ten are solved on the day
    coming = np.random.default_rng(3).poisson(6, (2000, 28)).astype(float)
    end = paths.backlog(100, coming, paths.able(np.tile(week, 4), coming, swings)).open[:, -1]
    measured, apart = float(left.diff(28).std()), (28 * 12) ** 0.5  # as if both were Poisson
    assert measured < end.std() < 0.5 * apart


def test_the_heap_of_a_team_that_does_not_keep_up_grows_by_what_is_not_solved() -> None:
    came, left = planted(saturated=True)
    week, swings = _solving(came, left, None)
    assert swings.along < 0.3 and week.sum() == pytest.approx(35, abs=3)
    coming = np.random.default_rng(3).poisson(6, (2000, 28)).astype(float)
    path = paths.backlog(100, coming, paths.able(np.tile(week, 4), coming, swings))
    assert np.median(path.open[:, -1]) - 100 == pytest.approx(28 * 6 - 4 * week.sum(), abs=3)
    # 28 days of what comes and what is solved, Poisson both
    assert path.open[:, -1].std() == pytest.approx((28 * 11) ** 0.5, rel=0.4)


def test_more_agents_work_on_the_days_on_which_little_was_solved_too() -> None:
    """By hand: ten come a day, every other day all ten are solved and on the others nothing; one agent solves ten."""
    coming, can = np.full((50, 6), 10.0), np.tile([0.0, 10.0], (50, 3))
    team = Team(coming, 5.0, can, np.full(6, 10.0))
    assert _more(team, team.path(), 12.0, 1.0) == (1, None)
    off = Team(coming, 5.0, can, np.array([0.0, 10.0] * 3))  # nobody works on these days
    assert _more(off, off.path(), 12.0, 1.0) == (None, 1.0)
    shut = Team(coming[:, :1], 5.0, can[:, :1], np.zeros(1))  # on none of these
    assert _more(shut, shut.path(), 12.0, 1.0) == (None, 1.0)


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
    said = "One more agent keeps" if usual.more == 1 else f"{usual.more} more agents keep"
    assert usual.more and said in " ".join(usual.sentences)
    assert usual.days[-1].open - usual.open_now == pytest.approx(4 * (usual.arrivals_week - 6), abs=4)
    helped = runway(sample_home, threshold=20, capacity_week=6, more_agents=usual.more)
    assert (
        helped.share
        <= 0.2
        < runway(sample_home, threshold=20, capacity_week=6, more_agents=usual.more - 1).share
    )


def test_however_many_agents_solve_what_there_is(sample_home: Home, now: Any) -> None:
    found = runway(sample_home, threshold=30, more_agents=1e9)
    assert found.solved_week * 4 == pytest.approx(found.open_now + 4 * found.arrivals_week, rel=0.05)
    assert f"{found.solved_week:,.0f} are solved, of" in found.sentences[0] and found.days[-1].open < 5


def test_a_line_that_is_never_there_is_not_said_to_pass(sample_home: Home, now: Any) -> None:
    """The line is the middle of each day; single paths are there before it, and that is said as such."""
    for threshold in range(10, 60, 3):
        found = runway(sample_home, threshold=threshold)
        said = " ".join(found.sentences)
        drawn = [day.day for day in found.days if day.open >= threshold]
        if found.open_now < threshold:
            assert (f"It passes {threshold} on" in said) == bool(drawn)
            assert not drawn or (found.passes and found.passes <= drawn[0] and f"{drawn[0]:%-d %b}" in said)
            assert f"{found.share * 100:.0f} of 100 paths reach it at some time" in said


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
