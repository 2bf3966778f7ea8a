"""--what-if EDIT as people type it: what is changed of a forecast."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from core.clock import WEEKDAYS
from core.conditions import CUSTOM
from core.errors import InputError

if TYPE_CHECKING:
    from analytics.forecasting.whatif import Edits

_DAYS = tuple(day.lower() for day in WEEKDAYS)
HELP = (
    "a scenario, not a forecast; repeatable: level=+20%%, deflected=10%%, closed=2026-12-24 or closed=saturday, "
    "opened=…, holiday=DAY, topic:Refunds=+50%% (a change) or =30%% (its share), driver:orders=1200"
)
HINT = "Write level=+20%, deflected=10%, closed=2026-12-24, opened=saturday, holiday=DAY, topic:Refunds=+50% or driver:orders=1200."


@dataclass
class _Read:
    level: float = 1.0
    deflected: float | None = None
    by: str | None = None
    parts: dict[str, float] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    drivers: dict[str, float] = field(default_factory=dict)
    days: dict[str, set[date]] = field(
        default_factory=lambda: {"closed": set(), "opened": set(), "holiday": set()}
    )
    weekdays: dict[str, set[int]] = field(default_factory=lambda: {"closed": set(), "opened": set()})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--what-if and --minutes."""
    parser.add_argument("--what-if", action="append", default=[], metavar="EDIT", dest="what_if", help=HELP)
    parser.add_argument(
        "--minutes",
        type=float,
        metavar="N",
        help="of work for each conversation of a scenario (default: as measured)",
    )


def edits(typed: list[str], by: str | None = None) -> tuple[Edits, str | None]:
    """The edits, and the dimension they are of: `by`, or the one they name. Raises InputError."""
    from analytics.forecasting.whatif import Edits

    read = _Read(by=by)
    for one in typed:
        name, equals, value = (part.strip() for part in one.partition("="))
        if not equals or not name or not value:
            raise _wrong(one)
        if ":" in name:
            # A name of the data may hold a sign of equality: the last one is ours.
            name, _, value = (part.strip() for part in one.rpartition("="))
            _of_part(one, *_named(name, by), value, read)
        else:
            _of_all(one, name, value, read)
    found = Edits(
        read.level, read.deflected or 0.0, read.parts, read.shares, frozenset(read.days["closed"]),
        frozenset(read.days["opened"]), frozenset(read.days["holiday"]), frozenset(read.weekdays["closed"]),
        frozenset(read.weekdays["opened"]), read.drivers,
    )  # fmt: skip
    return found, read.by


def _named(name: str, by: str | None) -> tuple[str, str]:
    """The dimension and its part in dimension:part; the name of a source's own field has a colon itself."""
    if by and name.startswith(f"{by}:"):
        return by, name.removeprefix(f"{by}:").strip()
    custom = CUSTOM if name.startswith(CUSTOM) else ""
    dimension, _, part = name.removeprefix(custom).partition(":")
    return custom + dimension.strip(), part.strip()


def _of_all(one: str, name: str, value: str, read: _Read) -> None:
    if name == "level":
        read.level *= 1 + _change(one, value)
    elif name == "deflected":
        _once(one, read.deflected is None)
        read.deflected = _share(one, value)
    elif name in read.days:
        for text in value.split(","):
            _day(one, name, text.strip().lower(), read)
    else:
        raise _wrong(one)


def _day(one: str, name: str, text: str, read: _Read) -> None:
    if text in _DAYS and name in read.weekdays:
        read.weekdays[name].add(_DAYS.index(text) + 1)
        return
    try:
        read.days[name].add(date.fromisoformat(text))
    except ValueError:
        raise _wrong(one, "A day such as 2026-12-24, or a weekday such as saturday.") from None


def _of_part(one: str, dimension: str, part: str, value: str, read: _Read) -> None:
    if not part:
        raise _wrong(one)
    if dimension == "driver":
        _once(one, part not in read.drivers)
        read.drivers[part] = _number(one, value)
        return
    if read.by not in (None, dimension):
        raise InputError(
            f"{one!r} is not of the {read.by} that the forecast is split by.",
            hint="Change parts of one dimension.",
        )
    read.by = dimension
    _once(one, part not in read.parts and part not in read.shares)
    if value[0] in "+-−":
        read.parts[part] = 1 + _change(one, value)
    else:
        read.shares[part] = _share(one, value)


def _once(one: str, is_first: bool) -> None:
    """Raises InputError for what was said already: which of the two holds cannot be known."""
    if not is_first:
        raise InputError(f"{one!r} was changed before.", hint="Give each edit once.")


def _change(one: str, value: str) -> float:
    """0.2 of +20%. A sign is asked for: 120% could be meant as either."""
    if value[0] not in "+-−" or not value.endswith("%"):
        raise _wrong(one, "A change has a sign and a percent sign: +20% or -20%.")
    return _number(one, value[:-1].replace("−", "-")) / 100


def _share(one: str, value: str) -> float:
    if not value.endswith("%"):
        raise _wrong(one, "A share is written in percent: 10%.")
    return _number(one, value[:-1]) / 100


def _number(one: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _wrong(one) from None


def _wrong(one: str, hint: str = HINT) -> InputError:
    return InputError(f"{one!r} is no edit of a forecast.", hint=hint)
