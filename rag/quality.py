"""How well questions were answered, week by week: from what is kept of every question and what people thought of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from core.home import Home

if TYPE_CHECKING:
    from rag.answer import Level
    from store.workspace import Feedback, Question
    from store.workspace.questions import Verdict

VERDICTS: dict[Verdict, str] = {
    "useful": "Useful", "number": "Wrong number", "evidence": "Wrong evidence", "misread": "Misunderstood",
}  # fmt: skip
GOOD = ("useful", "up")  # "up" and "down" were the only verdicts once
NOT_IN_DATA: Final[Level] = "not in the data"
WEEKS = 12


@dataclass(frozen=True, slots=True)
class Week:
    """The questions asked in the week that begins on `week` (Monday, in the reporting zone).

    Shares are from 0 to 1 and None where nothing was counted: `answered` and `not_in_data` of `questions`,
    `grounded` of the sentences written (those that passed the checks), `cited` of the answered questions (with at
    least one conversation), `useful` of the `verdicts`. `seconds_p50` and `seconds_p95` are times to the whole answer.
    `tokens` were counted by the language model, `cost` is known where prices are set.
    """

    week: date
    questions: int
    answered: float | None
    not_in_data: float | None
    sentences: int
    grounded: float | None
    cited: float | None
    verdicts: int
    useful: float | None
    wrong_number: int
    wrong_evidence: int
    misunderstood: int
    seconds_p50: float | None
    seconds_p95: float | None
    tokens: int
    cost: float | None


def weekly(home: Home, zone: ZoneInfo, *, viewer: str | None = None, weeks: int = WEEKS) -> list[Week]:
    """The last weeks with questions, the newest first; of one viewer's own questions where one is named.

    Raises StoreError when the workspace cannot be read.
    """
    from core import clock
    from store.workspace import Workspace

    workspace = Workspace(home)
    today = clock.now().astimezone(zone).date()
    first = _monday(today) - timedelta(weeks=weeks - 1)
    asked, verdicts = workspace.questions_since(first - timedelta(days=1), viewer=viewer)
    return by_week(asked, verdicts, zone, first)


def last_verdicts(verdicts: Iterable[Feedback]) -> dict[int, list[str]]:
    """By the question's id what people think of its answer: of each person the last verdict counts."""
    last = {(one.question_id, one.viewer): one.verdict for one in sorted(verdicts, key=lambda one: one.id)}
    thought: dict[int, list[str]] = defaultdict(list)
    for (question_id, _), verdict in last.items():
        thought[question_id].append(verdict)
    return thought


def is_bad(answer: Mapping[str, Any] | None, said: Iterable[str]) -> bool:
    """Whether somebody's verdict on it is not a good one; an answer without a verdict is bad where it answers nothing."""
    thought = list(said)
    return any(one not in GOOD for one in thought) if thought else not is_answered(answer)


def is_answered(answer: Mapping[str, Any] | None) -> bool:
    """Whether it claims something that the data shows."""
    return bool(answer) and _level(answer or {}) != NOT_IN_DATA and bool((answer or {}).get("claims"))


def by_week(
    asked: Iterable[Question], verdicts: Iterable[Feedback], zone: ZoneInfo, first: date
) -> list[Week]:
    """Questions by the week they were asked in; of each person's verdicts on an answer the last one counts."""
    thought = last_verdicts(verdicts)
    found: dict[date, list[Question]] = defaultdict(list)
    for one in asked:
        week = _monday(one.asked_at.astimezone(zone).date())
        if week >= first and one.answer_json:
            found[week].append(one)
    return [_week(week, found[week], thought) for week in sorted(found, reverse=True)]


def _week(week: date, asked: Sequence[Question], thought: Mapping[int, list[str]]) -> Week:
    answers = [one.answer_json or {} for one in asked]
    refused = sum(_level(answer) == NOT_IN_DATA for answer in answers)
    answered = [answer for answer in answers if is_answered(answer)]
    kept = sum(len(answer.get("claims", ())) for answer in answers)
    written = kept + sum(int(answer.get("dropped_claims", 0)) for answer in answers)
    said = [verdict for one in asked for verdict in thought.get(one.id, ())]
    times = sorted(one.seconds for one in asked if one.seconds is not None)
    usage = [answer.get("usage") or {} for answer in answers]
    costs = [float(one["cost"]) for one in usage if one.get("cost") is not None]
    return Week(
        week=week, questions=len(asked), answered=_share(len(answered), len(asked)), not_in_data=_share(refused, len(asked)),
        sentences=written, grounded=_share(kept, written), verdicts=len(said),
        cited=_share(sum(bool(answer.get("citations")) for answer in answered), len(answered)),
        useful=_share(sum(one in GOOD for one in said), len(said)), wrong_number=said.count("number"),
        wrong_evidence=said.count("evidence"), misunderstood=said.count("misread"),
        seconds_p50=_percentile(times, 0.5), seconds_p95=_percentile(times, 0.95), cost=sum(costs) if costs else None,
        tokens=sum(int(one.get("input_tokens", 0)) + int(one.get("output_tokens", 0)) for one in usage),
    )  # fmt: skip


def _level(answer: Mapping[str, Any]) -> str:
    return str((answer.get("confidence") or {}).get("level", ""))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _percentile(times: Sequence[float], share: float) -> float | None:
    """The nearest rank: the smallest time that at least this share of the sorted times do not exceed."""
    return times[max(0, -(-int(share * 100) * len(times) // 100) - 1)] if times else None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
