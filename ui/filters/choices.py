"""What can be chosen in the bar, and what is chosen now: the address holds it, these functions read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

from core import conditions
from core.filters import BESIDE, Compare, Filters, Grain, Hours, Period
from ui import data, state

QUICK: dict[str, int] = {"7d": 7, "30d": 30, "90d": 90, "1y": 365}
PERIODS = {
    "today": "Today",
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "quarter": "Quarter to date",
    "1y": "1 year",
    "all": "All",
    "custom": "Custom",
}
USUAL_PERIOD = "30d"
COMPARES = {"previous": "Previous period", "year": "Last year", "none": "No comparison"}
GRAINS = {"auto": "Auto", **{grain: grain.capitalize() for grain in get_args(Grain)}}
HOURS = {"calendar": "Calendar hours", "business": "Business hours"}
CLICKS = {"open": "Opens conversations", "filter": "Filters the page"}
# Dimensions in the order a manager thinks of them; the address knows them by name.
MAIN = ("source", "channel", "team", "agent", "priority", "topic", "tag", "requester")
MORE = (
    "product", "topic_group", "status", "brand", "type", "language", "organization", "sentiment", "weekday", "hour",
    "emerging",
)  # fmt: skip
TITLES = {
    "requester": "Customer", "type": "Form or type", "hour": "Hour of the day", "topic_group": "Topic group",
    "emerging": "Emerging group",
}  # fmt: skip
MOST_ATTRIBUTES = 12  # more than these make a wall of lists; the others are asked for by name
ANY = "any"
FIXED = BESIDE
KNOWN = {"period": PERIODS, "compare": COMPARES, "grain": GRAINS, "hours": HOURS, "click": CLICKS}
FURTHER = "filters_further"
_VIEW = "filters_view"


@dataclass(frozen=True, slots=True)
class View:
    """What the bar says: the filters, what to compare with, and the width of a bucket."""

    filters: Filters
    compare: Compare | None
    grain: Grain


def offered() -> dict[str, str]:
    """Dimensions that can be filtered by, with titles: the usual ones, attributes of customers, custom fields."""
    usual = {name: TITLES.get(name, name.capitalize()) for name in (*MAIN, *MORE)}
    used = {
        name: title for name, title in data.every_field().items() if state.value(name) or state.link(name)
    }
    return {**usual, **data.attributes(), **used, **data.custom_fields()}


def readable() -> dict[str, str]:
    """Dimensions that an address may filter by: those offered, and fields of free text, which no list holds."""
    return {**data.every_field(), **offered()}


def strange() -> list[str]:
    """Fields that the address filters by and no source sends."""
    known = data.every_field()
    return [name for name in state.address() if name.startswith(conditions.CUSTOM) and name not in known]


def parameters() -> tuple[str, ...]:
    """Every parameter of the address that belongs to the bar."""
    return (*FIXED, *readable())


def listed() -> dict[str, str]:
    """Under More: the usual dimensions, and as many attributes and fields as fit, those in use or asked for always."""
    left_out = further()
    asked = state.value(FURTHER) or ()
    titles = {name: title for name, title in offered().items() if name not in MAIN}
    return {name: title for name, title in titles.items() if name not in left_out or name in asked}


def further() -> dict[str, str]:
    """Attributes and fields that do not fit under More, to be asked for by name."""
    extra = {name: title for name, title in offered().items() if name not in (*MAIN, *MORE)}
    return {
        name: title for place, (name, title) in enumerate(extra.items())
        if place >= MOST_ATTRIBUTES and not (state.value(name) or state.link(name))
    }  # fmt: skip


def view() -> View:
    """Filters, comparison and grain of this rerun. The bar has run before any page."""
    chosen: View = state.value(_VIEW)
    return chosen


def are_read() -> bool:
    """Whether the bar has run, in this rerun or an earlier one of this visit."""
    return state.value(_VIEW) is not None


def current() -> Filters:
    """The filters of this rerun."""
    return view().filters


def read(first: date, last: date) -> None:
    """Take what the widgets say as this rerun's view. `first` and `last` are the ends of the data.

    Raises QuestionError for conditions that cannot be read.
    """
    state.put(_VIEW, view_of(state.value, first, last))


def view_of(said: Callable[[str], Any], first: date, last: date) -> View:
    """The view of a bar that says these values by the names of its parameters. Raises QuestionError."""
    where = {name: list(said(name) or ()) for name in readable()}
    hours: Hours = "business" if said("hours") == "business" else "calendar"
    period = period_of(said("period") or USUAL_PERIOD, first, last, said("dates") or ())
    filters = Filters.of(
        period, where, hours=hours, include=said("include") or (), groups=conditions.decode(said(ANY) or "")
    )
    return View(filters, _compare(said("compare")), _grain(said("grain"), period))


def period_of(chosen: str, first: date, last: date, dates: Sequence[date] = ()) -> Period:
    """The days that a choice stands for, of a custom one `dates`. A quick one ends on the last full day of the data."""
    if chosen == "today":
        return Period(data.today(), data.today())
    if chosen == "all":
        return Period(min(first, last), last)
    if chosen == "quarter":
        return Period(date(last.year, 3 * ((last.month - 1) // 3) + 1, 1), last)
    # Of an address that names one day twice Streamlit keeps it once.
    if chosen == "custom" and dates and dates[0] <= dates[-1]:
        return Period(dates[0], dates[-1])
    return Period(last - timedelta(days=QUICK.get(chosen, 30) - 1), last)


def _compare(chosen: Compare | Literal["none"] | None) -> Compare | None:
    return None if chosen == "none" else chosen or "previous"


def _grain(chosen: Grain | Literal["auto"] | None, period: Period) -> Grain:
    return data.auto_grain(period) if chosen is None or chosen == "auto" else chosen


def has_own_grain() -> bool:
    """Whether the reader chose the width of a bucket."""
    return (state.value("grain") or "auto") != "auto"


def click_filters() -> bool:
    """Whether a click on a mark filters the page, instead of opening its conversations."""
    chosen: str | None = state.value("click")
    return chosen == "filter"


def only(chosen: Filters) -> list[str]:
    """What the filters leave, in words: one text a dimension, and one for the conditions."""
    titles = {name: title.lower() for name, title in offered().items()}
    parts = [f"{titles.get(name, name)} {' or '.join(values)}" for name, values in chosen.where]
    if chosen.groups:
        parts.append(conditions.told(chosen.groups, lambda name: titles.get(name, name)))
    return parts


def told() -> str:
    """The filters of this rerun in words, for markdown: a value of an address is shown, not obeyed."""
    from ui.tables import escaped

    return escaped(words())


def words(filters: Filters | None = None) -> str:
    """The filters in words, for a caption: what the numbers below are about."""
    chosen = filters or current()
    parts = only(chosen)
    if chosen.hours == "business":
        parts.append("business hours")
    if chosen.include:
        parts.append(f"with {' and '.join(chosen.include)}")
    span = (
        f"{chosen.period.start:%-d %b %Y} to {chosen.period.end:%-d %b %Y}" if chosen.period else "all time"
    )
    return " · ".join([span, *parts])
