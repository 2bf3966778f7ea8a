"""What the form shows of a kept rule is what the rule means; only a new one is given suggestions."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alerts.rules import MOST_TIMES, read
from store.workspace.alert_rules import RULE_KINDS
from ui.alerts_shown import shown, whole

OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "window": st.sampled_from(["hour", "day", "week", "month", "quarter", "year"]),
    "against": st.sampled_from(["previous", "week", "year"]),
    "change_in": st.sampled_from(["percent", "absolute"]),
    "level": st.sampled_from([0, 5, "4h", "30 %"]),
    "clear": st.sampled_from([None, "", 0, "0"]),
    "times": st.integers(1, MOST_TIMES),
    "min_n": st.integers(0, 1000),
    "within_min": st.integers(1, 100),
    "channels": st.sampled_from([[], ["ops"]]),
    "quiet": st.sampled_from(["", "22:00-07:00"]),
    "quiet_zone": st.sampled_from(["Europe/Berlin", "UTC", ""]),
    "tell_end": st.booleans(),
}


@given(kind=st.sampled_from(RULE_KINDS), options=st.fixed_dictionaries({}, optional=OPTIONS))
def test_what_is_shown_of_a_kept_rule_means_the_same(kind: Any, options: dict[str, Any]) -> None:
    was = {"metric": "volume", **options}
    said = shown(kind, was, is_kept=True, channels=["ops", "desk"], zone="Europe/London")
    assert read(kind, whole(was, said, is_kept=True)) == read(kind, was)


def test_a_new_rule_is_given_suggestions_that_what_was_said_goes_before() -> None:
    new = shown("answers", {"min_n": 3}, is_kept=False, channels=["ops"], zone="Europe/London")
    assert (new["level"], new["min_n"], new["channels"], new["quiet_zone"]) == (
        "30 %",
        3,
        ["ops"],
        "Europe/London",
    )
    assert shown("off_forecast", {}, is_kept=False, channels=[], zone="UTC")["times"] == 2
    other = shown("threshold", {"direction": "either"}, is_kept=False, channels=[], zone="UTC")
    assert other["direction"] == "above", "what another kind had and this one cannot have"
