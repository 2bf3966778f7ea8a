"""What a computed metric looks like: values with their n, what is not in them, and how they were made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from core.filters import Filters, Grain, Period

if TYPE_CHECKING:
    from analytics.vendor import VendorValue


@dataclass(frozen=True, slots=True)
class Value:
    """A number and what it rests on. `value` is None where there is nothing to compute it from.

    `low` and `high` are the 95 % Wilson interval of a share. `small` means n < 5: show n, not the number.
    """

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    small: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One point: a bucket (its first day, or hour), a group (values of the `by` dimensions), or both.

    `partial` is a bucket that the period or the data cuts; `immature` one too young to be judged, wholly or in
    part. Neither is compared with another.
    """

    bucket: date | datetime | None
    group: tuple[str, ...]
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    small: bool = False
    partial: bool = False
    previous: Value | None = None
    immature: bool = False


@dataclass(frozen=True, slots=True)
class Margin:
    """The same metric by fewer dimensions: `groups` over the whole period, `rows` by bucket."""

    by: tuple[str, ...]
    groups: tuple[Row, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """Conversations created in the period that are not in the number.

    `kind` is "not counted" (outside every metric: spam, merged, …) or "not available" (inside, without a
    value: not replied yet, or the source cannot tell).
    """

    kind: str
    reason: str
    n: int


@dataclass(frozen=True, slots=True)
class Change:
    """From the previous period to this one; `relative` is None where the previous value is 0."""

    absolute: float
    relative: float | None
    good: bool | None


@dataclass(frozen=True, slots=True)
class DimensionMoment:
    """As of when a dimension's value counts in a number: the reply, the solve, creation, or now."""

    dimension: str
    as_of: str


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """How much of the data can tell a number: sources, and conversations (or replies, …) of the period.

    `share` is None where there are none.
    """

    sources: int
    of_sources: int
    n: int
    of_n: int
    share: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """How the values of a period lie, in the metric's unit."""

    n: int
    mean: float
    median: float
    p90: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Values from `low` up to, and not including, `high` (None: no end)."""

    low: float
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a conversation. `at` is an instant (UTC), `field` what was changed."""

    at: datetime
    who: str | None
    role: str | None
    field: str
    what: str


@dataclass(frozen=True, slots=True)
class ThenAndNow:
    """A dimension whose value was another when the number counted than it is now."""

    dimension: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Behind:
    """One conversation behind a number: its own value (seconds, score, 1 or 0) and when it counted.

    The audit adds what happened in it, and whose it was then where that changed since.
    """

    source: str
    conversation_id: str
    subject: str | None
    at: datetime
    value: float | None
    moved: tuple[ThenAndNow, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class VariantValue:
    """The number by another published definition, over the same period and filters."""

    name: str
    description: str
    source: str
    value: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Audit:
    """How a number came about: what it includes, and some of its conversations, latest first.

    `attribution` says as of when agent, team, priority and the like hold; what it does not name holds as of now.
    """

    population: str
    counted_on: str
    null_when: str
    conversations: tuple[Behind, ...]
    source: str = ""
    needs: tuple[str, ...] = ()
    attribution: tuple[DimensionMoment, ...] = ()
    variants: tuple[VariantValue, ...] = ()
    vendor: VendorValue | None = None


@dataclass(frozen=True, slots=True)
class TargetPoint:
    """The target in force when a bucket began (of the whole period: None), in the metric's unit.

    `reached` is None where nothing can be judged: the bucket is not over or not ripe, there is no number, or it
    rests on too few.
    """

    bucket: date | datetime | None
    value: float
    reached: bool | None


@dataclass(frozen=True, slots=True)
class TargetLine:
    """What the settings want of a metric: of the total (an empty group) or of one group.

    `reached` of `judged` closed buckets reached it; `share` is None where none could be judged.
    """

    label: str
    group: tuple[str, ...]
    points: tuple[TargetPoint, ...]
    reached: int
    judged: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Restated:
    """A bucket or group as it was told then, and as it is now."""

    bucket: date | None
    group: tuple[str, ...]
    then: Value
    now: Value


@dataclass(frozen=True, slots=True)
class Cause:
    """So many conversations or ratings that changed the number since then; `what` follows the count in a sentence."""

    what: str
    n: int


@dataclass(frozen=True, slots=True)
class AsOf:
    """A metric as the ledger knew it at the end of a day, beside what the warehouse says now.

    `period` ends with the last day that was closed and known then. `causes` are those that can be counted; they
    may overlap and need not explain everything.
    """

    name: str
    title: str
    unit: str
    as_of: date
    period: Period
    total: Restated
    rows: tuple[Restated, ...]
    causes: tuple[Cause, ...]
    notes: tuple[str, ...]
    zone: str
    generation: int

    @property
    def changed(self) -> bool:
        """Whether the total is another one now."""
        return (self.total.then.value, self.total.then.n) != (self.total.now.value, self.total.now.n)


@dataclass(frozen=True, slots=True)
class MetricResult:
    """A metric over a period. `rows` holds buckets (per group) when a grain was asked, `groups` one row
    a group over the whole period when `by` was asked, the largest n first. `per` is what a rate is divided by.
    `counts` is what n counts. `hours` is the clock that durations were taken with; `included` the kinds that
    count here although they are left out by default. `coverage` is there when a source cannot tell.
    `statistics`, `distribution` and `margins` are read only when they are asked for.
    """

    name: str
    title: str
    unit: str
    better: str
    description: str
    filters: Filters
    period: Period
    previous_period: Period | None
    grain: Grain | None
    by: tuple[str, ...]
    total: Value
    previous: Value | None
    change: Change | None
    rows: tuple[Row, ...]
    groups: tuple[Row, ...]
    excluded: tuple[Excluded, ...]
    notes: tuple[str, ...]
    in_progress: bool
    as_of: datetime
    zone: str
    generation: int
    published_at: datetime
    sql: str
    audit: Audit | None = None
    per: str | None = None
    targets: tuple[TargetLine, ...] = ()
    counts: str = "conversations"
    hours: str = "calendar"
    included: tuple[str, ...] = ()
    as_of_dimensions: tuple[DimensionMoment, ...] = ()
    coverage: SourceCoverage | None = None
    statistics: Statistics | None = None
    distribution: tuple[Bin, ...] = ()
    restated: AsOf | None = None
    margins: tuple[Margin, ...] = ()
