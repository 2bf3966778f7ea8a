"""What an answer is made of. Every part can be printed as JSON and opened on a page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from core.filters import Filters, Grain, Period

Intent = Literal[
    "lookup",
    "why_change",
    "top_n",
    "compare",
    "trend",
    "driver",
    "forecast",
    "summarise",
    "count",
    "out_of_scope",
]
Level = Literal["high", "medium", "low", "not in the data"]
EvidenceKind = Literal["representative", "relevant", "counter-example"]


class Part(BaseModel):
    """A frozen part of an answer that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Part):
    """Days, both included, in the reporting zone."""

    start: date
    end: date

    @classmethod
    def of(cls, period: Period) -> Span:
        """From the product's own period."""
        return cls(start=period.start, end=period.end)

    @property
    def period(self) -> Period:
        """The product's own period."""
        return Period(self.start, self.end)

    def __str__(self) -> str:
        return str(self.period)


class Limit(Part):
    """What a metric's values are cut at: those above `at`, in the metric's unit, or (not `above`) those up to it.

    `text` is how it is told: of a duration, in seconds, the limit ("30 days"); of a share, whose values are 1 and 0,
    those that are left ("bad ratings"). A `share` is asked for, or a count. Plans of the history may say `seconds`.
    """

    at: float = Field(gt=0, validation_alias=AliasChoices("at", "seconds"))
    above: bool
    text: str
    share: bool = False


class QueryPlan(Part):
    """How a question was understood. Values of `filters` exist in the data; `unknown` names do not."""

    intent: Intent
    metrics: tuple[str, ...] = ()
    period: Span | None = None
    baseline: Span | None = None
    filters: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    group_by: tuple[str, ...] = ()
    grain: Grain | None = None
    lowest: bool = False  # the question asks for the smallest, not the largest
    by_day: bool = False  # "which day"
    limit: Limit | None = None  # of the first metric, which is a duration or a share of ratings then
    search_text: str = ""
    assumptions: tuple[str, ...] = ()
    ambiguity: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()  # what could be a conversation's id
    names: tuple[str, ...] = ()  # capitalised names that are no known value: they must occur in the texts
    recognised: bool = False  # a metric, dimension, value, period or plain support word was found
    follows: int | None = None

    def scope(self) -> Filters:
        """Period and filters as the product's own value."""
        return Filters.of(self.period.period if self.period else None, self.filters)


class MetricFact(Part):
    """One number of the answer, from the warehouse. `sql` is the query that gave it.

    `any` are further conditions, as an address has them: beside all of `filters`, one alternative holds.
    """

    id: str
    name: str
    title: str
    unit: str
    label: str  # what it is of: "Parcel Tracker, chat, 2026-10-31"
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    baseline: float | None = None
    baseline_n: int | None = None
    baseline_label: str | None = None
    delta: float | None = None
    period: Span
    filters: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    any: str = ""
    group: tuple[str, ...] = ()
    incident: str = ""  # the id of the incident that it tells of, where it does
    limit: Limit | None = None  # at which the metric was cut: the value is how many, or which share
    text: str  # the value as people read it
    sql: str = ""
    notes: tuple[str, ...] = ()


class Point(Part):
    """One point of the answer's chart."""

    bucket: date | datetime | None
    group: str
    value: float | None
    n: int


class Goal(Part):
    """A target of the settings as a line over the buckets of one group, or of the total."""

    label: str
    group: str
    points: tuple[tuple[date | datetime | None, float], ...]


class Series(Part):
    """What the chart under the answer shows."""

    name: str
    title: str
    unit: str
    grain: Grain | None
    by: str | None
    points: tuple[Point, ...]
    goals: tuple[Goal, ...] = ()


class Quote(Part):
    """Words exactly as a message has them."""

    evidence_id: str
    source_id: str
    conversation_id: str
    message_id: str
    seq: int
    text: str


class Evidence(Part):
    """One conversation shown to the writer and to the reader. `kind` says why it is here."""

    id: str
    kind: EvidenceKind
    source_id: str
    conversation_id: str
    subject: str | None
    created_at: datetime | None
    channel: str | None
    product: str | None
    team: str | None = None
    sentiment: str | None = None
    stratum: str = ""
    similarity: float | None = None
    suspicious: bool = False  # reads like instructions to a model
    quotes: tuple[Quote, ...] = ()


class Claim(Part):
    """One checked sentence. `citations` are the display numbers of the conversations it rests on."""

    text: str
    metric_ids: tuple[str, ...] = ()
    citations: tuple[int, ...] = ()
    quotes: tuple[str, ...] = ()
    verified: bool = True


class Citation(Part):
    """A conversation that supports the answer, numbered from 1 after all checks."""

    n: int
    kind: str
    source_id: str
    conversation_id: str
    subject: str | None
    date: date | None
    channel: str | None
    product: str | None
    quote: str | None
    message_id: str | None


class Confidence(Part):
    """How far to trust the answer, computed, with the reasons."""

    level: Level
    reasons: tuple[str, ...]


class Usage(Part):
    """Tokens that the language model counted, and US dollars by the prices of the settings (None without).

    Estimates were made before each call: what is sent and the longest answer allowed. `reused`: words of an earlier
    answer to the same question on the same data, checked again.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    estimated_tokens: int = 0
    cost: float | None = None
    estimated_cost: float | None = None
    reused: bool = False


class Answer(Part):
    """The answer to one question: numbers from the warehouse, quotes from the store, both checked."""

    id: int
    question: str
    plan: QueryPlan
    assumptions: tuple[str, ...]
    metrics: tuple[MetricFact, ...]
    series: tuple[Series, ...]
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    confidence: Confidence
    nearest: tuple[str, ...]  # what the data does have, when it does not have what was asked
    dropped_claims: int
    banner: str | None
    notes: tuple[str, ...]
    provider: str
    model: str | None
    words_by: str = (
        ""  # provider, model and form of output, or "no language model", with why it is not as chosen
    )
    prompts: str | None = None  # which prompts the model was given, by number and hash
    usage: Usage
    next_questions: tuple[str, ...]
    timings: dict[str, float]
    generation: int
    index_lag: int
    set_aside: int = 0  # conversations that read like instructions to a model: counted, never quoted or sent

    @property
    def text(self) -> str:
        """The claims as one paragraph with citation numbers."""
        return " ".join(claim.text + "".join(f" [{n}]" for n in claim.citations) for claim in self.claims)
