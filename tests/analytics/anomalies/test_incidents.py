"""Incidents: told once, closed when it is over, silent on chance, on few and on young histories."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.anomalies import hourly
from analytics.anomalies.counted import expected
from analytics.anomalies.grouping import budgeted, group
from analytics.anomalies.incidents import find
from analytics.anomalies.judging import judge
from analytics.anomalies.verdicts import Verdict, Verdicts
from tests.analytics.anomalies.panels import counts, day, values


@pytest.fixture
def calm() -> np.ndarray:
    return np.random.default_rng(8).poisson(12, 200).astype(float)


def test_a_burst_is_one_incident_with_its_numbers(calm: np.ndarray) -> None:
    calm[150:153] = [60, 70, 50]
    (found,) = find(counts(calm), panel := judge(counts(calm)))
    assert (found.start, found.peak, found.end) == (day(150), day(151), day(152))
    assert found.actual == 70 and found.expected == pytest.approx(12, abs=3)
    assert found.is_above and not found.is_shift and not found.is_open
    assert found.weekday_norm == pytest.approx(np.mean(calm[[151 - 7 * back for back in range(1, 9)]]))
    assert panel.p[151, 0] < 1e-12


def test_a_drop_is_found_and_a_day_without_anything_is_a_gap() -> None:
    values_ = np.full(200, 40.0) + np.random.default_rng(1).poisson(9, 200)
    values_[150], values_[160] = 5, 0
    (found,) = find(counts(values_), judge(counts(values_)))
    assert found.peak == day(150) and not found.is_above


def test_days_before_the_first_are_no_weekdays_of_nothing() -> None:
    values_ = np.r_[np.zeros(180), np.full(40, 30.0)]
    values_[215] = 200
    (found,) = find(counts(values_), judge(counts(values_)))
    assert found.peak == day(215) and found.weekday_norm == 30


def test_a_lasting_shift_is_told_once_and_asks() -> None:
    draw = np.random.default_rng(2)
    panel = counts(np.r_[draw.poisson(20, 150), draw.poisson(60, 14)].astype(float))
    (found,) = find(panel, judge(panel))
    assert found.opened == day(150) and found.is_open and found.is_shift


def test_a_rare_slice_has_no_weekday_of_its_own() -> None:
    """Three in half a year on Sundays do not make Sundays expect any number."""
    rare = np.zeros(200)
    rare[[6, 13, 97]] = 1
    assert expected(rare[:, None]).mean[20:, 0].max() < 0.5 and find(counts(rare), judge(counts(rare))) == []


def test_a_young_history_and_small_effects_are_silent() -> None:
    young = counts(np.r_[np.full(10, 5.0), 90.0, np.full(10, 5.0)])
    assert find(young, judge(young)) == []
    steady = counts(np.r_[np.full(150, 1.0), 5.0])  # four more is no word worth
    assert find(steady, judge(steady)) == []


def test_what_comes_later_changes_no_judgement(calm: np.ndarray) -> None:
    calm[90] = 80
    whole, part = judge(counts(calm)), judge(counts(calm[:120]))
    for name in ("p", "expected", "low", "high"):
        assert np.array_equal(getattr(whole, name)[:120], getattr(part, name), equal_nan=True)


def test_weekdays_are_expected_for_themselves() -> None:
    week = np.tile([30.0, 30, 30, 30, 30, 2, 2], 30)
    assert find(counts(week), judge(counts(week))) == []
    level = expected(week[:, None]).mean[-7:, 0]
    assert level[:5] == pytest.approx([30] * 5, rel=0.15) and (level[5:] < 7).all()


@pytest.mark.parametrize("seed", [11, 12])
def test_stationary_panels_stay_within_the_budget(seed: int) -> None:
    """600 series of 180 days, scattered more than Poisson's: at most one alert in 30 days."""
    draw = np.random.default_rng(seed)
    means = draw.gamma(2, 4, 600)
    size = 6.0
    table = draw.negative_binomial(size, size / (size + np.tile(means, (180, 1)))).astype(float)
    panel = counts(table.sum(axis=1), *table.T)
    assert len(find(panel, judge(panel))) <= 6


def test_a_mean_that_moves_is_found_over_its_days() -> None:
    draw = np.random.default_rng(3)
    rows = [list(draw.lognormal(7, 1, 4)) for _ in range(150)] + [
        list(draw.lognormal(8.4, 1, 4)) for _ in range(20)
    ]
    panel = values(rows, "duration")
    found = find(panel, judge(panel))
    assert len(found) == 1 and found[0].start >= day(143) and found[0].is_shift
    assert found[0].actual == pytest.approx(np.exp(8.4), rel=0.5) and found[0].expected == pytest.approx(
        np.exp(7), rel=0.3
    )


def test_a_rating_of_few_says_nothing() -> None:
    few = values([[0.8, 1.0, 0.6]] * 100 + [[0.0, 0.0, 0.0]])
    many = values([[0.8, 1.0, 0.6]] * 100 + [[0.0] * 40])
    assert find(few, judge(few)) == [] and len(find(many, judge(many))) == 1


def test_slices_of_one_change_are_one_card(calm: np.ndarray) -> None:
    part = np.round(calm / 3)
    calm[150] += 60
    part[150] += 60
    panel = counts(calm, part, calm - part)
    cards = group(find(panel, judge(panel)))
    assert len(cards) == 1 and cards[0].headline.where == () and len(cards[0].others) == 1


def test_the_budget_leaves_the_least_unlikely_to_the_digest(calm: np.ndarray) -> None:
    calm[150] = 80
    (card,) = group(find(counts(calm), judge(counts(calm))))
    told = budgeted([replace(card, headline=replace(card.headline, metric=f"m{at}")) for at in range(7)])
    assert [one.headline.status for one in told] == ["alert"] * 5 + ["digest"] * 2
    assert "5 others" in told[-1].headline.reason


def test_a_burst_of_an_hour_is_found_within_an_ordinary_day() -> None:
    draw = np.random.default_rng(4)
    shape = np.r_[np.zeros(8), np.full(10, 1.0), np.zeros(6)] * 3
    table = draw.poisson(np.tile(shape, (120, 1))).astype(float)
    table[100, 14] = 25
    days = [day(at) for at in range(120)]
    (found,) = hourly.find(table, days, [False] * 120)
    assert (found.day, found.first, found.last) == (day(100), 14, 14)
    assert hourly.find(table, days, [at == 100 for at in range(120)]) == []


def test_noise_raises_a_threshold_step_by_step_and_wears_off() -> None:
    one = Verdict("k", "volume", (), "noise", day(100), day(100), day(100))
    said = Verdicts((one,))
    days = [day(at) for at in (99, 100, 130, 160)]
    assert said.steps("volume", days)[()] == pytest.approx([1.0, 1.15, 1.15**0.5, 1.0])
    assert said.steps("csat_score", days) == {}
    assert Verdicts((one,) * 20).steps("volume", days)[()][1] == 2.0
    assert Verdicts((replace(one, word="useful"),) * 9).steps("volume", days)[()][1] == pytest.approx(
        1 / 1.15
    )


def test_verdicts_suppress_with_a_reason_and_are_counted(calm: np.ndarray) -> None:
    calm[150] = 80
    (found,) = find(counts(calm), judge(counts(calm)))
    for word, reason in (
        ("expected_event", "expected it"),
        ("noise", "called noise"),
        ("new_normal", "new normal"),
    ):
        said = Verdicts((Verdict(found.key, "volume", (), word, day(151), found.start, found.end),))  # type: ignore[arg-type]
        kept, left = said.sorted_out([found], {})
        assert kept == [] and reason in left[0].reason and left[0].status == "suppressed"
    useful = Verdict(found.key, "volume", (), "useful", day(151), found.start, found.end)
    other = replace(useful, key="other", word="noise", start=day(90), end=day(90))
    assert Verdicts((useful, other)).precision() == (1, 2)
    assert Verdicts((useful,)).sorted_out([found], {})[0] == [found]


def test_a_new_normal_begins_the_history_anew() -> None:
    draw = np.random.default_rng(5)
    panel = counts(np.r_[draw.poisson(20, 150), draw.poisson(60, 20)].astype(float))
    said = Verdicts((Verdict("k", "volume", (), "new_normal", day(160), day(150), day(160)),))
    judged = judge(said.rebased(panel))
    assert judged.expected[-1, 0] == pytest.approx(60, rel=0.15) and judge(panel).expected[-1, 0] < 50


def test_few_on_a_holiday_are_expected() -> None:
    values_ = np.full(200, 40.0) + np.random.default_rng(1).poisson(9, 200)
    values_[150] = 4
    (found,) = find(counts(values_), judge(counts(values_)))
    _, (left,) = Verdicts().sorted_out([found], {day(150): "holiday of calendar Main"})
    assert "holiday" in left.reason


def test_simulated_verdicts_raise_the_precision_and_lose_no_true_burst() -> None:
    """Series of rough counts whose planted bursts people call useful, and everything else noise."""
    draw = np.random.default_rng(21)
    kinds, true_kept, true_all, told_before, told_after = 40, 0, 0, 0, 0
    for _ in range(kinds):
        values_ = draw.negative_binomial(1.2, 0.1, 260).astype(float)
        values_[200] += 260
        panel = counts(values_)
        judged, said = judge(panel), []
        before = find(panel, judged)
        for one in before:
            word = "useful" if one.peak == day(200) else "noise"
            if one.peak < day(180):
                said.append(Verdict(one.key, "volume", (), word, one.peak, one.start, one.end))
        kept, _ = Verdicts(tuple(said)).sorted_out(
            find(panel, judged, Verdicts(tuple(said)).steps("volume", panel.days)), {}
        )
        told_before += len(before)
        told_after += len(kept)
        true_all += any(one.peak == day(200) for one in before)
        true_kept += any(one.peak == day(200) for one in kept)
    assert true_all >= 0.95 * kinds and true_kept >= 0.95 * true_all
    assert told_before > told_after and true_kept / told_after > true_all / told_before
