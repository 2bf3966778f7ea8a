"""Whether a sentence says what its numbers and conversations say: its words must be theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from analytics.catalogue import every
from rag.answer import MetricFact, QueryPlan
from rag.figures import without_names
from rag.vocabulary import words_of

LEAST = 0.5  # of the words that mean something, where neither a number nor a quote shows what is meant
FREE = 6  # words of one's own beside a number or a quote
# Words of talking about conversations and numbers: they claim nothing about what happened.
_PLAIN = frozenset(words_of(
    "a an the this that these those it its they them their there here and or but nor so as at by for from in into of off on "
    "onto out over per to under up down with without within against between among during before after since until while than "
    "then also only just even still again more most less least few fewer many much some any each every both all other others "
    "another such same own very too about around above below across behind beside be is are was were been being am do does did "
    "done has have had having can could may might must shall should will would not no yes if when where which who whom whose "
    "what why how because customer customers conversation conversations people user users requester requesters agent agents "
    "team teams support company message messages ticket tickets contact contacts case cases example examples say says said "
    "saying write writes wrote written mention mentions mentioned report reports reported describe described complain "
    "complains complained ask asks asked tell tells told want wants wanted share rate number count value metric median mean "
    "average total level period day days week weeks month months year years quarter time times hour hours minute minutes "
    "higher lower larger smaller largest smallest highest lowest biggest rose rise fell fall increase increased decrease "
    "decreased grew drop dropped change changed difference compare compared comparison usual typical typically often "
    "frequent frequently common commonly main mainly group groups product products channel channels topic topics segment "
    "associated goes going go together stand stands stood show shows showed shown see seen found find one first second last "
    "later earlier part parts whole new recent recently same apart mostly several various above-all lies lie question "
    "negative positive neutral reply replies answer answers solve solved volume"
))  # fmt: skip

# Of titles, too, but said of anything: "customers wait {m1}", "the app did not work".
_ORDINARY = frozenset(
    "active created effort experience flow full handling hold next thank touch wait work".split()
)


def support_problems(
    rest: str, facts: Sequence[MetricFact], texts: Sequence[str], plan: QueryPlan, *, is_shown: bool
) -> Iterable[str]:
    """What is wrong with the words of a sentence without its quotes and slots. `is_shown`: it has a slot or a quote."""
    said = [word for word in words_of(without_names(rest, facts)) if len(word) > 2 and word not in _PLAIN]
    if not said:
        return
    known = set(words_of(" ".join([*_told(facts, plan), *texts])))
    strange = [word for word in said if word not in known]
    # A right number of one measure must not be told as that of another: "satisfaction is 100 %".
    other = [
        word
        for word in strange
        if facts and (owners := _measures().get(word)) and not owners & {f.name for f in facts}
    ]
    if other:
        yield f"none of its numbers measures {other[0]}"
    enough = len(strange) <= FREE if is_shown else len(said) - len(strange) >= LEAST * len(said)
    if not enough:
        yield f"nothing it rests on speaks of {', '.join(dict.fromkeys(strange[:4]))}"


@cache
def _measures() -> dict[str, frozenset[str]]:
    """Words of the titles of the catalogue, and the metrics whose they are."""
    found: dict[str, set[str]] = {}
    for metric in every():
        for word in words_of(metric.title):
            if len(word) > 3 and word not in _PLAIN | _ORDINARY:
                found.setdefault(word, set()).add(metric.name)
    return {word: frozenset(names) for word, names in found.items()}


def _told(facts: Sequence[MetricFact], plan: QueryPlan) -> Iterable[str]:
    yield plan.search_text
    for values in plan.filters.values():
        yield from values
    for fact in facts:
        yield from (
            fact.title,
            fact.label,
            fact.name.replace("_", " "),
            fact.baseline_label or "",
            *fact.notes,
        )
        for values in (*fact.filters.values(), fact.group):
            yield from values
