"""Whether words such as "rose", "slower" and "more than" fit the numbers of their part of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rag.answer import MetricFact
from rag.figures import without_names
from rag.numbers import SLOT

_UP = re.compile(r"\b(rose|rises?|rising|risen|increas\w*|grew|grow(s|n|ing)|higher|more than usual|climb\w*|went up|up from|"
                 r"jump\w*|surg\w*|soar\w*|spik\w*)\b", re.IGNORECASE)  # fmt: skip
_DOWN = re.compile(r"\b(fell|falls?|fallen|falling|decreas\w*|declin\w*|dropp?\w*|lower|fewer than usual|went down|down from|"
                   r"shr[aiu]nk\w*|plung\w*|plummet\w*)\b", re.IGNORECASE)  # fmt: skip
_SLOWER = re.compile(r"\b(slower|slowed|got slow)\b", re.IGNORECASE)
_FASTER = re.compile(r"\b(faster|quicker|sped up)\b", re.IGNORECASE)
_STILL = re.compile(r"\b(unchanged|stable|steady|flat|constant|no change|did not change)\b", re.IGNORECASE)
_ABOVE = re.compile(r"\b(more|higher|larger|greater|longer|slower)\b.*\bthan\b", re.IGNORECASE)
_BELOW = re.compile(r"\b(fewer|less|lower|smaller|shorter|faster|quicker)\b.*\bthan\b", re.IGNORECASE)
_CUT = re.compile(r";|,? (?:while|whereas|but|although)\b")
NOTHING_MUCH = 0.1  # of the baseline: more than that is no "stable"


def direction_problems(text: str, facts: Sequence[MetricFact]) -> Iterable[str]:
    """What is wrong with the directions of a sentence whose slots are in place; each part by its own numbers."""
    known = {fact.id: fact for fact in facts}
    for part in _CUT.split(without_names(text, facts)):
        own = [known[i] for i, _ in SLOT.findall(part) if i in known]
        yield from _part_problems(part, own or list(facts), known)


def _part_problems(part: str, facts: Sequence[MetricFact], known: Mapping[str, MetricFact]) -> Iterable[str]:
    compared = _compared(part, known)
    if compared is not None and (_ABOVE.search(part) or _BELOW.search(part)):
        first, second = compared
        if (first <= second) if _ABOVE.search(part) else (first >= second):
            yield "it compares two numbers the wrong way round"
        return
    deltas = [fact.delta for fact in facts if fact.delta]
    times = [fact.delta for fact in facts if fact.delta and fact.unit == "seconds"]
    says_up, says_down = _UP.search(part), _DOWN.search(part)
    if says_up and not says_down and not any(d > 0 for d in deltas):
        yield "it says up, and no metric of the sentence rose"
    if says_down and not says_up and not any(d < 0 for d in deltas):
        yield "it says down, and no metric of the sentence fell"
    if _SLOWER.search(part) and times and all(d < 0 for d in times):
        yield "it says slower, and the time fell"
    if _FASTER.search(part) and times and all(d > 0 for d in times):
        yield "it says faster, and the time rose"
    moved = [abs(f.delta) / (abs(f.baseline) or 1.0) for f in facts if f.delta and f.baseline is not None]
    if _STILL.search(part) and moved and min(moved) > NOTHING_MUCH:
        yield "it says that nothing changed, and the metric did"


def _compared(part: str, known: Mapping[str, MetricFact]) -> tuple[float, float] | None:
    """The two values that a part compares, in its order: of one metric, or a value and its baseline."""
    slots = [(i, p or "value") for i, p in SLOT.findall(part) if (p or "value") in ("value", "baseline")]
    if len(slots) != 2 or any(i not in known for i, _ in slots):
        return None
    one, other = (known[i] for i, _ in slots)
    values = [
        fact.value if p == "value" else fact.baseline
        for fact, (_, p) in zip((one, other), slots, strict=True)
    ]
    if one.name != other.name or values[0] is None or values[1] is None:
        return None
    return values[0], values[1]
