"""How a question was understood, as chips that a person can change; and the plan with those changes.

What a person (or a page, or a saved plan) hands in is checked like anything else: names that do not exist are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from core.errors import QuestionError
from core.filters import GRAINS, Grain
from rag.answer import Intent, Limit, QueryPlan, Span
from rag.thresholds import limit_of, rated_of, told_limit
from rag.vocabulary import Vocabulary

Kind = Literal["intent", "metric", "limit", "period", "baseline", "filter", "group_by", "grain", "search"]
Change = (
    str | Sequence[str] | Span | None
)  # None takes a chip away; a period is a Span or "2026-10-01/2026-10-31"

FEW = 60  # choices that a list can show
MOST_METRICS = 3
MOST_GROUPS = 2
INTENTS: dict[Intent, str] = {
    "count": "How much", "why_change": "Why it changed", "top_n": "Ranking", "compare": "Comparison", "trend": "Trend",
    "driver": "What goes with it", "forecast": "Forecast", "summarise": "Summary", "lookup": "Find conversations",
}  # fmt: skip
FILTER = "filter:"
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:(?:/| to )(\d{4}-\d{2}-\d{2}))?")


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of a plan. `key` names it in `edited`; `choices` are the values to offer, where they are few.

    `value` and `choices` are the plan's own words: names of metrics and dimensions, values as the data has them.
    """

    kind: Kind
    label: str
    key: str
    value: tuple[str, ...]
    removable: bool
    choices: tuple[str, ...] = ()


def chips(plan: QueryPlan, words: Vocabulary) -> tuple[Chip, ...]:
    """The plan's parts in reading order; a question about something else has none but its intent."""
    found = [
        Chip(
            "intent",
            INTENTS.get(plan.intent, "Something else"),
            "intent",
            (plan.intent,),
            False,
            tuple(INTENTS),
        )
    ]
    if plan.metrics:
        label = ", ".join(words.titles.get(name, name) for name in plan.metrics)
        found.append(Chip("metric", label, "metrics", plan.metrics, True, tuple(words.titles)))
    if plan.limit:
        told = told_limit(plan.limit)
        found.append(Chip("limit", f"only {told}", "limit", (told,), True))
    if plan.period:
        found.append(Chip("period", str(plan.period), "period", (_told(plan.period),), True))
    if plan.baseline:
        found.append(Chip("baseline", f"against {plan.baseline}", "baseline", (_told(plan.baseline),), True))
    for name, values in sorted(plan.filters.items()):
        label = f"{words.title(name)}: {' or '.join(values)}"
        choices = words.values.get(name, ())
        found.append(
            Chip("filter", label, FILTER + name, values, True, choices if len(choices) <= FEW else ())
        )
    if plan.group_by:
        label = "by " + ", ".join(words.title(name).lower() for name in plan.group_by)
        found.append(Chip("group_by", label, "group_by", plan.group_by, True, words.splits))
    if plan.grain:
        found.append(Chip("grain", f"per {plan.grain}", "grain", (plan.grain,), True, GRAINS))
    if plan.search_text:
        found.append(Chip("search", f"“{plan.search_text}”", "search_text", (plan.search_text,), True))
    return tuple(found)


def edited(plan: QueryPlan, changes: Mapping[str, Change], words: Vocabulary) -> QueryPlan:
    """The plan with chips changed, added or (None) taken away, by `Chip.key`; a filter's key is "filter:channel".

    Raises QuestionError for a key, name, value or period that does not exist.
    """
    fields = plan.model_dump()
    for key, change in changes.items():
        if key.startswith(FILTER):
            name = key.removeprefix(FILTER)
            rest = {known: values for known, values in fields["filters"].items() if known != name}
            fields["filters"] = rest | ({name: _listed(change)} if change else {})
        elif key in ("period", "baseline"):
            fields[key] = _span(change)
        elif key in ("metrics", "group_by"):
            fields[key] = _listed(change)
        elif key == "limit":
            fields[key] = _limit(plan, change)
        elif key in ("intent", "grain", "search_text"):
            fields[key] = _one(key, change)
        else:
            raise QuestionError(f"a plan has no part called {key!r}.", hint="Known: those of its chips.")
    if fields["metrics"] != plan.metrics:
        fields["limit"] = None  # it was of the duration that was asked for
    # What a person chose stands; what was assumed about the question's words no longer does.
    fields |= {"recognised": True, "unknown": (), "names": () if "search_text" in changes else plan.names}
    if changes.keys() - {"intent"}:
        fields |= {"assumptions": (), "ambiguity": ()}
    return checked(QueryPlan.model_validate(fields), words)


def checked(plan: QueryPlan, words: Vocabulary) -> QueryPlan:
    """The plan, when all that it names exists for this viewer. Raises QuestionError for the first that does not."""
    if plan.intent not in (*INTENTS, "out_of_scope"):
        raise _unknown("kind of question", plan.intent, INTENTS)
    for name in plan.metrics:
        if name not in words.titles:
            raise _unknown("metric", name, words.titles)
    for name in plan.group_by:
        if name not in words.splits:
            raise _unknown("dimension", name, words.splits)
    for name, values in plan.filters.items():
        if name not in words.splits:
            raise _unknown("dimension", name, words.splits)
        for value in values:
            if not words.admits(name, value):
                raise _unknown(words.title(name).lower(), value, words.values.get(name, ()))
    return plan.model_copy(
        update={"metrics": plan.metrics[:MOST_METRICS], "group_by": plan.group_by[:MOST_GROUPS]}
    )


def _unknown(
    what: str, name: str, known: Mapping[str, str] | Sequence[str] | Mapping[Intent, str]
) -> QuestionError:
    return QuestionError(
        f"there is no {what} called {name!r}.", hint=f"Known: {', '.join(list(known)[:30])}."
    )


def _told(span: Span) -> str:
    return f"{span.start}/{span.end}"


def _listed(change: Change) -> tuple[str, ...]:
    if isinstance(change, Span):
        raise QuestionError("a period stands where names belong.")
    return (change,) if isinstance(change, str) else tuple(dict.fromkeys(change or ()))


def _span(change: Change) -> Span | None:
    if change is None or isinstance(change, Span):
        return change
    match = _SPAN.fullmatch(" ".join(_listed(change)).strip())
    try:
        if match is None:
            raise ValueError
        start = date.fromisoformat(match[1])
        end = date.fromisoformat(match[2] or match[1])
        return Span.of(Span(start=start, end=end).period)
    except ValueError:
        raise QuestionError(
            f"{change!r} is no period.", hint="Write 2026-10-01/2026-10-31, the first day first."
        ) from None


def _limit(plan: QueryPlan, change: Change) -> Limit | None:
    """The plan's own limit, or one in words: "over 30 days", "bad ratings"."""
    told = _one("limit", change)
    if not told or (plan.limit and told == told_limit(plan.limit)):
        return plan.limit if told else None
    found = limit_of(told.lower()) or rated_of(told.lower())
    if found is None:
        raise QuestionError(
            f"{told!r} is no limit.", hint="Write over 30 days, within 1 hour, or bad ratings."
        )
    return found[0]


def _one(key: str, change: Change) -> str | None:
    values = _listed(change)
    if len(values) > 1:
        raise QuestionError(f"a plan has one {key}, not {len(values)}.")
    value = values[0] if values else None
    if key == "search_text":
        return (value or "").strip()
    if key == "grain" and value is not None and value not in get_args(Grain):
        raise _unknown("step", value, GRAINS)
    if key == "intent" and value not in INTENTS:
        raise _unknown("kind of question", str(value), INTENTS)
    return value
