"""What a rule's definition says, typed and checked: the same words that forms, commands and the workspace use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Final, Literal, get_args

from alerts.quiet import QuietHours
from core import conditions
from core.errors import AppError, InputError
from core.filters import BESIDE, Filters
from core.schedule import seconds_of
from core.settings import Settings
from store.workspace.alert_rules import RULE_KINDS, RuleKind

Window = Literal["hour", "day", "week", "month", "quarter", "year"]
Direction = Literal["above", "below", "either"]
Against = Literal["previous", "week", "year"]
ChangeIn = Literal["percent", "absolute"]
OF_METRICS: Final[tuple[RuleKind, ...]] = ("threshold", "change", "sla_breach")
OF_NOW: Final[tuple[RuleKind, ...]] = ("sla_soon", "source_stale", "job_failed")
# What the dashboard finds by itself, judged when the data or what people said is new.
OF_FINDINGS: Final[tuple[RuleKind, ...]] = ("anomaly", "off_forecast", "topic_rising", "answers")
BREACHES: Final = "sla_breaches"
_FIELDS: Final = frozenset(
    {"metric", "filters", "window", "against", "change_in", "direction", "level", "clear", "times", "min_n", "by",
     "within_min", "sources", "channels", "quiet", "quiet_zone", "tell_end"}
)  # fmt: skip
MOST_TIMES: Final = 30
MOST_N: Final = 1_000_000
MOST_MINUTES: Final = 10_080  # a week


@dataclass(frozen=True, slots=True)
class Rule:
    """One definition. `level` and `clear` are in the metric's unit, in percent for a change in percent.

    `window` is the closed period that is judged, `against` the one it is compared with. It fires when it is beyond
    the level `times` windows (or evaluations) in a row, and is over when it is back at `clear`. Under `min_n` it says
    nothing. `by` is a dimension of which every value is watched for itself. `within_min` is when a target counts as
    about to be breached, `sources` whose staleness is watched (all when empty).
    """

    kind: RuleKind
    level: float
    metric: str = ""
    filters: Filters = field(default_factory=Filters)
    window: Window = "day"
    against: Against = "previous"
    change_in: ChangeIn = "percent"
    direction: Direction = "above"
    clear: float | None = None
    times: int = 1
    min_n: int = 0
    by: str | None = None
    within_min: int = 30
    sources: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    quiet: QuietHours | None = None
    tell_end: bool = True

    @property
    def back_at(self) -> float:
        """Where it is over: the level itself unless there is a clear level."""
        return self.level if self.clear is None else self.clear

    @property
    def is_of_metric(self) -> bool:
        """Whether it judges closed periods of a metric, and not what is so at this minute."""
        return self.kind in OF_METRICS

    def check(self, settings: Settings) -> None:
        """Raise QuestionError or InputError for a metric, dimension or channel that is not there."""
        from analytics import catalogue, dimensions

        if self.is_of_metric or self.metric:
            catalogue.find(self.metric, settings)
        dimensions.check(self.filters, (self.by,) if self.by else ())
        for what, names, known in (
            ("channel", self.channels, [c.name for c in settings.channels]),
            ("source", self.sources, [s.name for s in settings.sources]),
        ):
            if unknown := [name for name in names if name not in known]:
                raise InputError(f"there is no {what} called {', '.join(unknown)}.",
                                 hint=f"Configured: {', '.join(known) or 'none'}.")  # fmt: skip


# What a definition means that leaves a key out.
DEFAULTS: Final[Mapping[str, Any]] = {
    one.name: one.default for one in fields(Rule) if one.default is not MISSING
}


def read(kind: str, said: Mapping[str, Any]) -> Rule:
    """The rule that a definition stands for. Raises InputError, also for a key that nobody knows."""
    if kind not in RULE_KINDS:
        raise InputError(
            f"there is no kind of rule called {kind[:40]!r}.", hint=f"Known: {', '.join(RULE_KINDS)}."
        )
    if unknown := sorted(set(said) - _FIELDS):
        raise InputError(f"a rule has no {', '.join(unknown)}.", hint=f"Known: {', '.join(sorted(_FIELDS))}.")
    level, clear = amount(said.get("level", 0)), said.get("clear")
    rule = Rule(
        kind, level, BREACHES if kind == "sla_breach" else str(said.get("metric") or ""),
        filters_of(said.get("filters") or {}), _one_of("window", said, Window),
        _one_of("against", said, Against), _one_of("change_in", said, ChangeIn),
        _one_of("direction", said, Direction), None if clear in (None, "") else amount(clear),
        _whole("times", said, 1, MOST_TIMES), _whole("min_n", said, 0, MOST_N), said.get("by") or None,
        _whole("within_min", said, 1, MOST_MINUTES), _names("sources", said), _names("channels", said),
        QuietHours.of(str(said.get("quiet") or ""), str(said.get("quiet_zone") or "UTC")),
        bool(said.get("tell_end", DEFAULTS["tell_end"])),
    )  # fmt: skip
    _sensible(rule)
    return rule


def filters_of(said: Mapping[str, Any]) -> Filters:
    """The filters that a kept bar says, as pinned cards keep it; its period is the window's. Raises InputError."""
    where: dict[str, list[str]] = {}
    for name, values in said.items():
        if name in BESIDE:
            continue
        if not isinstance(values, list | tuple):
            raise InputError(f"the values of {name[:60]!r} are no list.", hint='Write {"channel": ["chat"]}.')
        where[name] = [str(value) for value in values]
    try:
        groups = conditions.decode(str(said.get("any") or ""))
    except AppError as error:
        raise InputError(error.message, hint=error.hint) from None
    hours: Literal["business", "calendar"] = "business" if said.get("hours") == "business" else "calendar"
    return Filters.of(None, where, hours=hours, include=said.get("include") or (), groups=groups)


def amount(said: object) -> float:
    """A level: a number, a duration such as "4h", or a share such as "90 %". Raises InputError."""
    text = str(said).strip()
    if found := re.fullmatch(r"(-?\d+(?:\.\d+)?)\s*%", text):
        return float(found[1]) / 100
    try:
        number = float(seconds_of(text)) if re.fullmatch(r"\d+\s*[smhd]", text) else float(text)
    except ValueError:
        number = float("nan")
    if isinstance(said, bool) or not abs(number) < float("inf"):
        raise InputError(
            f"{text[:40]!r} is no level.", hint='Write a number, a duration such as "4h", or "90 %".'
        )
    return number


def _sensible(rule: Rule) -> None:
    if (rule.is_of_metric or rule.kind in ("anomaly", "off_forecast")) and not rule.metric:
        raise InputError(
            "the rule names no metric.", hint="Choose one; `python -m jobs metric list` names them."
        )
    if rule.direction == "either" and rule.kind != "change":
        raise InputError("only a change can go either way.", hint="Choose above or below.")
    if rule.kind not in ("threshold", "change") and rule.direction != "above":
        raise InputError(f"a rule of the kind {rule.kind} can only be above its level.", hint="Choose above.")
    if rule.kind == "change" and (rule.level < 0 or rule.back_at < 0):
        raise InputError(
            "a change has a size and a direction.", hint="Write 20 and choose below for a fall of 20."
        )
    if rule.kind in ("source_stale", "job_failed") and (rule.by or rule.filters != Filters()):
        raise InputError("sources and refreshes have no filters or segments.", hint="Leave them out.")
    if rule.kind in OF_FINDINGS and (rule.by or (rule.kind == "answers" and rule.filters != Filters())):
        raise InputError(f"a rule of the kind {rule.kind} has no {'segments' if rule.by else 'filters'}.",
                         hint="Leave them out.")  # fmt: skip
    wrong = (
        rule.back_at < rule.level
        if rule.kind != "change" and rule.direction == "below"
        else rule.back_at > rule.level
    )
    if wrong:
        raise InputError("the clear level lies beyond the level, so that it would never be over.",
                         hint="For above, a clear level is lower; for below, higher.")  # fmt: skip


def _one_of(name: str, said: Mapping[str, Any], choices: Any) -> Any:
    chosen = said.get(name) or DEFAULTS[name]
    if chosen not in get_args(choices):
        raise InputError(
            f"{name} cannot be {str(chosen)[:40]!r}.", hint=f"Choose {', '.join(get_args(choices))}."
        )
    return chosen


def _whole(name: str, said: Mapping[str, Any], least: int, most: int) -> int:
    found = said.get(name, DEFAULTS[name])
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise InputError(
            f"{name} cannot be {str(found)[:40]!r}.", hint=f"Write a whole number from {least} to {most:,}."
        )
    return found


def _names(name: str, said: Mapping[str, Any]) -> tuple[str, ...]:
    found = said.get(name) or ()
    if not isinstance(found, list | tuple):
        raise InputError(f"{name} is no list.", hint='Write ["ops"].')
    return tuple(dict.fromkeys(str(one) for one in found))
