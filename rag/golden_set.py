"""Golden questions: what is asked, how it has to be understood, and a second way to each number."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from core import clock
from core.errors import InputError
from rag.answer import MetricFact, Span
from rag.outlook import FORECAST

FOLDER = Path(__file__).parent / "golden"
_COLUMNS = frozenset(
    "source channel team agent priority status product topic language sentiment organization type created_in_hours".split()
)
NONE = "none"  # the intent of what the data cannot answer
ROLES: Mapping[str, tuple[str, ...] | None] = {
    "everyone": None,
    "billing": ("Billing",),
}  # teams they may see


@dataclass(frozen=True, slots=True)
class Golden:
    """A question with the plan it has to become. `follows` continues the question before it in the file."""

    question: str
    intent: str
    period: Span | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group_by: str = ""
    metric: str = ""
    role: str = "everyone"
    follows: bool = False


def golden(name: str = "questions") -> list[Golden]:
    """The questions of a list, in order. Raises InputError with the line that cannot be read."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [_item(line) for line in lines if line.strip() and not line.startswith("#")]


def _item(line: str) -> Golden:
    cells = [cell.strip() for cell in line.split("|")]
    question, intent, period, filters, group_by, metric, role = [*cells, *[""] * 7][:7]
    if not question or not intent or len(cells) > 7 or (role or "everyone") not in ROLES:
        raise InputError(
            f"no golden question: {line!r}", hint="question | intent | period | filters | by | metric | role"
        )
    where = dict(part.split("=", 1) for part in filters.split(";") if part)
    return Golden(
        question.removeprefix(">").strip(), intent, _span(period),
        {key: tuple(sorted(values.split(","))) for key, values in where.items()},
        group_by, metric, role or "everyone", question.startswith(">"),
    )  # fmt: skip


def _span(text: str) -> Span | None:
    if not text:
        return None
    start, _, end = text.partition("/")
    return Span(start=date.fromisoformat(start), end=date.fromisoformat(end or start))


@cache
def _metrics() -> dict[str, dict[str, str]]:
    return tomllib.loads((FOLDER / "metrics.toml").read_text(encoding="utf-8"))


def second_way(fact: MetricFact) -> tuple[str, list[object]] | None:
    """The SQL template, with its values, that has to give the same number; None where none was written."""
    metric = _metrics().get(fact.name)
    if metric is None or fact.any or not set(fact.filters) <= _COLUMNS or fact.notes[:1] == (FORECAST,):
        return None
    value = _value(fact, metric)
    names = {"source": "source_id", **_metrics()["columns"]}
    if "moment" in metric:
        held = ("team", "priority") if metric["moment"] == "created" else ("team", "priority", "agent")
        names |= {name: f"{metric['moment']}_{name}" for name in held}
    at, params = metric["at"], [fact.period.period.start, fact.period.period.until]
    where = [
        f"is_counted AND {metric['of'].format(now=clock.now().replace(tzinfo=None))}",
        f"{at} >= ? AND {at} < ?",
    ]
    values: list[object] = list(params)
    for name, wanted in sorted(fact.filters.items()):
        column = names.get(name, name)
        where.append(f"coalesce({column}, '(none)') IN (SELECT unnest(?::VARCHAR[]))")
        values.append(list(wanted))
    sql = f"SELECT {value} AS value FROM {{conversation_facts}} AS f WHERE {' AND '.join(where)}"
    return (sql, values) if value else None


def _value(fact: MetricFact, metric: Mapping[str, str]) -> str:
    """The metric's number; of a fact with a limit, how many or which share lie on its side of it; "" where unknown."""
    if fact.limit is None:
        return metric["value"]
    if "beyond" not in metric:
        return ""
    hits = f"({metric['beyond']} {'>' if fact.limit.above else '<='} {fact.limit.at})"
    return f"count(*) FILTER (WHERE {hits})" if fact.unit == "count" else f"avg({hits}::INTEGER)"
