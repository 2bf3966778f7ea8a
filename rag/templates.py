"""Sentences without a language model: what the numbers say, then what customers wrote, word by word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rag.answer import Evidence, MetricFact, QueryPlan
from rag.evidence import Pack
from rag.numbers import Numbers
from rag.verify import Draft

BANNER = "no language model used"
QUOTED = 3


def write(plan: QueryPlan, numbers: Numbers, pack: Pack) -> list[Draft]:
    """The answer's sentences as drafts, in reading order; they are checked like any other."""
    drafts, mentions = _BY_INTENT.get(plan.intent, _counts)(plan, numbers), _mentions(numbers)
    # How many speak of it is the answer to "how many" and "show me"; elsewhere it is an aside.
    first = plan.intent in ("lookup", "count")
    return (mentions + drafts if first else drafts + mentions) + _quotes(plan, pack)


def _mentions(numbers: Numbers) -> list[Draft]:
    return [
        _draft(
            f"{{{fact.id}}} {'conversation mentions' if fact.value == 1 else 'conversations mention'} "
            f"“{fact.group[0]}” ({fact.label}){_move(fact)}.",
            fact,
        )
        for fact in numbers.role("mentions")
    ]


def _subject(fact: MetricFact) -> str:
    return fact.title[0].lower() + fact.title[1:] if not fact.title[:2].isupper() else fact.title


def _move(fact: MetricFact) -> str:
    """How a number stands to its baseline: ", up from 12 (+3)"; nothing where there is none."""
    if fact.baseline is None or fact.delta is None:
        return ""
    against = f" {_when(fact.baseline_label)}"
    if not fact.delta:
        return f", the same as{against}"
    word = "up" if fact.delta > 0 else "down"
    return f", {word} from {{{fact.id}.baseline}}{against}: {{{fact.id}.delta}}"


def _when(label: str | None) -> str:
    """A baseline's label with its preposition."""
    if label == "usual":
        return "as usual"
    if label and label.startswith(("a day", "usual")):
        return f"({label})"
    return f"on {label}" if label and len(label) == 10 else f"in {label}"


def _draft(text: str, *facts: MetricFact) -> Draft:
    return Draft(text=text, metric_ids=[fact.id for fact in facts])


def _total(fact: MetricFact) -> Draft:
    if fact.value is None:
        return _draft(
            f"{fact.title}, {fact.label}: there is nothing to compute it from (n = {{{fact.id}.n}}).", fact
        )
    rests = "" if fact.unit == "count" else f" (n = {{{fact.id}.n}})"
    return _draft(f"{fact.title}, {fact.label}: {{{fact.id}}}{rests}{_move(fact)}.", fact)


def _forecast(plan: QueryPlan, numbers: Numbers) -> list[Draft]:
    return [
        _draft(f"{fact.title}, forecast for {fact.label}: about {{{fact.id}}}.", fact)
        for fact in numbers.role("forecast")
    ]


def _counts(plan: QueryPlan, numbers: Numbers) -> list[Draft]:
    return [_total(fact) for fact in numbers.role("total")] + _ranking(plan, numbers)


def _ranking(plan: QueryPlan, numbers: Numbers) -> list[Draft]:
    """Per metric one sentence with the groups in order, and one with the largest change among them."""
    found: dict[str, list[MetricFact]] = {}
    for fact in numbers.role("group"):
        found.setdefault(fact.name, []).append(fact)
    return [draft for groups in found.values() for draft in _ranked(plan, groups)]


def _ranked(plan: QueryPlan, groups: list[MetricFact]) -> list[Draft]:
    listed = "; ".join(
        f"{fact.label} {{{fact.id}}}" + ("" if fact.unit == "count" else f" (n = {{{fact.id}.n}})")
        for fact in groups
    )
    if plan.intent == "trend":
        return [_moved(plan, groups)]
    lead = "Lowest first" if plan.lowest else "Highest first"
    drafts = [_draft(f"{lead}, {_subject(groups[0])}: {listed}.", *groups)]
    moved = max((f for f in groups if f.delta and f.baseline), key=_relative, default=None)
    if moved is not None and moved.delta:
        word = "up" if moved.delta > 0 else "down"
        text = f"{moved.label}, {word} from {{{moved.id}.baseline}} to {{{moved.id}}}"
        drafts.append(_draft(f"Largest change among these: {text}.", moved))
    return drafts


def _moved(plan: QueryPlan, groups: list[MetricFact]) -> Draft:
    """Groups in the order of their change, each with the number before."""
    listed = "; ".join(f"{fact.label} {{{fact.id}}}, was {{{fact.id}.baseline}}" for fact in groups)
    lead = "Fell the most" if plan.lowest else "Rose the most"
    return _draft(f"{lead}, {_subject(groups[0])} against {groups[0].baseline_label}: {listed}.", *groups)


def _relative(fact: MetricFact) -> float:
    return abs(fact.delta or 0.0) / abs(fact.baseline or 1.0)


def _why(plan: QueryPlan, numbers: Numbers) -> list[Draft]:
    totals = numbers.role("total")
    drafts = [_total(fact) for fact in totals[:1]]
    if totals and "unusual" in numbers.roles and not numbers.roles["unusual"]:
        drafts.append(
            _draft(
                "That is within what chance gives on a day like this; there may be no single reason.",
                totals[0],
            )
        )
    for fact in numbers.role("headline"):
        drafts.append(_draft(f"The difference lies above all in {_named(fact)}: {_cell(fact)}.", fact))
    for fact in numbers.role("headline_volume"):
        drafts.append(_draft(f"{fact.label} had {{{fact.id}}} conversations{_move(fact)}.", fact))
    for fact in numbers.role("headline_topic"):
        drafts.append(
            _draft(f"Their most frequent topic was “{fact.label}”: {{{fact.id}}} conversations.", fact)
        )
    lead = "The change lies above all in" if not numbers.role("headline") else "Also different:"
    cells = numbers.role("mover") or numbers.role("cell")[:2]
    if cells:
        drafts.append(
            _draft(f"{lead} " + "; ".join(f"{_named(f)} ({_cell(f)})" for f in cells) + ".", *cells)
        )
    return drafts + _incidents(numbers) + [_total(fact) for fact in totals[1:]]


def _incidents(numbers: Numbers) -> list[Draft]:
    """Per incident what was counted where something else was usual, and what it goes with."""
    drafts = []
    for fact in numbers.role("incident"):
        usual = f"{{{fact.id}}} where about {{{fact.id}.baseline}} would be usual"
        drafts.append(_draft(f"{fact.title}, {fact.label}: {usual}.", fact))
        causes = [one for one in numbers.role("incident_cause") if one.incident == fact.incident]
        if causes:
            parts = "; ".join(f"{_named(one)} ({_cell(one)})" for one in causes)
            drafts.append(_draft(f"This incident goes with {parts}.", *causes))
    return drafts


def _named(fact: MetricFact) -> str:
    """A segment with its dimensions: "product Parcel Tracker, channel chat"."""
    own = [(name, value) for name, values in fact.filters.items() for value in values if value in fact.group]
    order = {value: at for at, value in enumerate(fact.group)}
    return (
        ", ".join(f"{name} {value}" for name, value in sorted(own, key=lambda p: order[p[1]])) or fact.label
    )


def _cell(fact: MetricFact) -> str:
    rests = "" if fact.unit == "count" else f" (n = {{{fact.id}.n}})"
    against = (
        f" against {{{fact.id}.baseline}} {_when(fact.baseline_label)}" if fact.baseline is not None else ""
    )
    return f"{{{fact.id}}}{rests}{against}"


def _trend(plan: QueryPlan, numbers: Numbers) -> list[Draft]:
    drafts = _ranking(plan, numbers)
    for fact in numbers.role("halves"):
        if fact.delta and fact.baseline is not None:
            word = "rose" if fact.delta > 0 else "fell"
            drafts.append(
                _draft(
                    f"{fact.title} {word} over the period: {{{fact.id}}} in its later part ({fact.period}) "
                    f"against {{{fact.id}.baseline}} in its earlier part ({fact.baseline_label}).",
                    fact,
                )
            )
        else:
            drafts.append(_total(fact))
    drafts += [_total(fact) for fact in numbers.role("total")]
    movers = numbers.role("mover")
    if movers and any(fact.delta for fact in numbers.role("halves")):
        parts = "; ".join(f"{_named(f)} ({_cell(f)})" for f in movers)
        drafts.append(_draft(f"The change lies above all in {parts}.", *movers))
    return drafts


def _drivers(plan: QueryPlan, numbers: Numbers) -> list[Draft]:
    drafts = [_total(fact) for fact in numbers.role("total")]
    found = numbers.role("driver")
    if found:
        parts = "; ".join(f"{fact.label} {{{fact.id}}} (n = {{{fact.id}.n}})" for fact in found)
        drafts.append(
            _draft(
                f"It is associated with (which is not the same as caused by): {parts}, against {{{found[0].id}.baseline}} of all.",
                *found,
            )
        )
    elif numbers.role("total"):
        drafts.append(
            _draft(
                "No group that is large enough to judge stands out from the whole.",
                *numbers.role("total")[:1],
            )
        )
    return drafts


def _quotes(plan: QueryPlan, pack: Pack) -> list[Draft]:
    """What customers wrote: a few exact sentences, the rest of the evidence cited behind them."""
    main = [item for item in pack.items if item.kind != "counter-example" and item.quotes]
    drafts = []
    lead = "Customers wrote" if plan.intent != "lookup" else "Conversations that fit"
    for start in range(0, len(main), QUOTED):
        part = main[start : start + QUOTED]
        words = ", ".join(f"“{item.quotes[0].text}” [c:{item.id}]" for item in part)
        drafts.append(_quoting(f"{lead if not start else 'And'}: {words}", part))
    for item in pack.items:
        if item.kind == "counter-example" and item.quotes:
            text = f"Not everybody: a {item.sentiment} conversation there reads “{item.quotes[0].text}” [c:{item.id}]"
            drafts.append(_quoting(text, [item]))
    return drafts


def _quoting(text: str, items: Sequence[Evidence]) -> Draft:
    closed = (
        items[-1].quotes[0].text.endswith((".", "!", "?", "…"))
    )  # a quote that ends a sentence ends this one
    return Draft(
        text=text if closed else f"{text}.",
        evidence_ids=[item.id for item in items],
        quotes=[quote.text for item in items for quote in item.quotes[:1]],
    )


_BY_INTENT: Mapping[str, Callable[[QueryPlan, Numbers], list[Draft]]] = {
    "why_change": _why, "trend": _trend, "driver": _drivers, "forecast": _forecast,
}  # fmt: skip
