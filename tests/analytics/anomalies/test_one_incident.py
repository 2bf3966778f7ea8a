"""Which incident a verdict is of: of a burst or of days, of a rise or a drop, and of which days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from analytics.anomalies.incidents import Incident
from analytics.anomalies.verdicts import Verdict, Verdicts


def day(of_october: int) -> date:
    return date(2026, 10, of_october)


def incident(first: int, last: int, *, actual: float = 50.0, is_open: bool = False) -> Incident:
    return Incident(
        "volume", "Conversations created", "count", (), day(first), day(last), day(first), day(first), 1, actual, 20.0,
        0.0, 30.0, 50, 1e-9, None, is_shift=last - first >= 7, is_open=is_open,
    )  # fmt: skip


def burst(at: int) -> Incident:
    return replace(incident(at, at), hours=(3, 4), is_burst=True)


def noise(of: Incident, on: int = 28) -> Verdict:
    return Verdict(of.key, of.metric, (), "noise", day(on), of.start, of.end, "Ann", of.is_above)


def old(of: Incident) -> Verdict:
    """As it was said before hours stood in keys and the way was kept."""
    return replace(noise(of), key=f"volume||{of.opened}", is_above=None)


def hidden(said: Verdict, *told: Incident) -> list[Incident]:
    return [replace(one, status="alert", reason="") for one in Verdicts((said,)).sorted_out(told, {})[1]]


SHIFT, HOURS, DROP, DAY = incident(1, 20), burst(15), incident(18, 18, actual=1.0), incident(15, 15)


@pytest.mark.parametrize("one", [SHIFT, HOURS, DROP, DAY])
def test_noise_hides_what_it_was_said_of_and_nothing_that_shares_its_days(one: Incident) -> None:
    assert hidden(noise(one), SHIFT, HOURS, DROP, DAY) == [one]


def test_a_burst_and_a_day_that_open_on_one_day_have_keys_of_their_own() -> None:
    assert (HOURS.key, DAY.key) == ("volume||2026-10-15T03-04", "volume||2026-10-15")
    wider = replace(HOURS, hours=(2, 4))
    assert noise(HOURS).opened == day(15) and hidden(noise(HOURS), wider, DAY) == [wider]
    both = Verdicts((noise(HOURS), noise(DAY), replace(noise(wider), word="useful")))
    assert both.precision() == (1, 2)


def test_a_drop_is_not_the_rise_of_the_same_days() -> None:
    rise, drop = incident(10, 12), incident(10, 12, actual=1.0)
    assert hidden(noise(rise), drop) == [] and hidden(noise(drop), drop) == [drop]


@pytest.mark.parametrize(
    ("first", "last", "is_same"),
    [(9, 16, True), (12, 18, True), (8, 20, True), (4, 21, False), (14, 18, False)],
)
def test_looked_at_over_another_period_half_of_the_longer_is_shared(
    first: int, last: int, is_same: bool
) -> None:
    """Said of 10 to 16 October, when that was over."""
    assert bool(hidden(noise(incident(10, 16)), incident(first, last))) is is_same


def test_what_went_on_is_the_same_however_long_it_got() -> None:
    said = noise(incident(10, 12), on=13)
    assert hidden(said, grown := incident(10, 27)) == [grown]  # by its key
    assert hidden(said, grown := incident(9, 27)) == [grown]
    assert hidden(said, incident(2, 27)) == []
    assert hidden(noise(incident(10, 12)), incident(9, 27)) == [], "it was over"
    cut = incident(9, 11, is_open=True)  # a look that ends while it goes on
    assert hidden(noise(incident(10, 27)), cut) == [cut]


def test_what_was_said_before_is_found_though_it_does_not_tell_bursts_from_days() -> None:
    assert hidden(old(HOURS), SHIFT, HOURS, DROP) == [HOURS]
    assert hidden(old(DROP), DROP) == [DROP] and hidden(old(SHIFT), SHIFT, HOURS, DROP) == [SHIFT]
    assert hidden(old(incident(14, 16)), DAY, HOURS) == []
