"""How large a table would become, asked before it is read: an address can ask for anything."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from analytics import dimensions, periods
from analytics.exploration import Exploring
from analytics.memo import per_reader
from analytics.population import is_open
from analytics.question import moment
from core.conditions import Groups
from core.errors import QuestionError
from core.filters import Filters, Period
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

MOST_CELLS, MOST_BUCKETS = 100_000, 1_000
A_FEW = 50  # values of a dimension of the metric's own rows that nobody listed


def check_size(reader: Reader, question: Exploring, viewer: Viewer) -> None:
    """Raise QuestionError where a metric would have too many numbers to read, let alone to look at."""
    period, grain = question.filters.period, question.grain
    assert period is not None  # noqa: S101 - filled in by whoever asks
    start, until = periods.midnight(period.start), periods.midnight(period.until)
    buckets = 1
    if grain is not None:
        buckets = len(periods.buckets(start, until, grain))
        if buckets > MOST_BUCKETS:
            raise QuestionError(
                f"{period} has {buckets:,} {grain}s, and a table {MOST_BUCKETS:,} at most.",
                hint="Choose a longer grain or a shorter period.",
            )
    known = [dimensions.find(name) for name in question.by if dimensions.is_own(name)]
    shared = tuple(name for name in question.by if not dimensions.is_own(name))
    groups = _groups(reader, shared, _about_conversations(question.filters), viewer) if shared else 1
    for dimension in known:
        groups *= len(dimension.values) or A_FEW
    if groups * buckets > MOST_CELLS:
        raise QuestionError(
            f"that would be about {groups * buckets:,} numbers a metric, and {MOST_CELLS:,} can be shown.",
            hint="Filter the rows, choose fewer dimensions, a longer grain or a shorter period.",
        )


def _about_conversations(filters: Filters) -> Filters:
    """The filters without those on a metric's own rows, which the facts do not have."""
    where = {name: values for name, values in filters.where if not dimensions.is_own(name)}
    own = any(dimensions.is_own(one.dimension) for group in filters.groups for one in group)
    groups: Groups = () if own else filters.groups
    return Filters.of(filters.period, where, groups=groups)


@per_reader
def _groups(reader: Reader, by: tuple[str, ...], filters: Filters, viewer: Viewer) -> int:
    """How many combinations of values the conversations have that anything can have happened in."""
    tables = partial(reader.table, viewer=viewer)
    table = dimensions.where(dimensions.facts(tables, dimensions.names_of(filters, by)), filters)
    period = filters.period
    assert period is not None  # noqa: S101 - filled in by whoever asks
    since = periods.midnight(_before(period).start)
    alive = table.last_activity_local.fill_null(table.created_local) >= moment(since)
    table = table.filter(
        table.created_local < moment(periods.midnight(period.until)),
        alive | is_open(table),
    )
    groups = dimensions.split(table, by).select(*(f"g{place}" for place in range(len(by)))).distinct()
    return int(reader.run(groups.aggregate(n=groups.count())).to_pylist()[0]["n"])


def _before(period: Period) -> Period:
    """The period with as many days before it, which a comparison reads too."""
    return Period(period.start - timedelta(days=period.days), period.end)
