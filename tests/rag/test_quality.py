"""Weeks of questions whose numbers were counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.home import Home
from rag.quality import by_week, is_bad, last_verdicts, weekly
from store.workspace import Feedback, Question, Workspace

LONDON = ZoneInfo("Europe/London")


def asked(
    id: int,
    at: datetime,
    level: str = "high",
    claims: int = 2,
    dropped: int = 0,
    seconds: float = 1.0,
    cited: int = 1,
) -> Question:
    answer: dict[str, Any] = {
        "confidence": {"level": level}, "claims": [{}] * claims, "citations": [{}] * cited, "dropped_claims": dropped,
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }  # fmt: skip
    return Question(id, at, "everyone", f"question {id}", answer, 1, "none", seconds)


def thought(id: int, question: int, verdict: str, viewer: str = "ann") -> Feedback:
    return Feedback(id, question, viewer, verdict, None, datetime(2026, 11, 11, tzinfo=UTC))


def test_a_week_is_counted_by_hand() -> None:
    tuesday = datetime(2026, 11, 10, 12, tzinfo=UTC)
    questions = [
        asked(1, tuesday, dropped=1, seconds=0.5), asked(2, tuesday, cited=0, seconds=0.7), asked(3, tuesday, seconds=4.0),
        asked(4, tuesday, level="not in the data", claims=0, cited=0, seconds=0.1),
    ]  # fmt: skip
    verdicts = [
        thought(1, 1, "number"),
        thought(2, 1, "useful"),
        thought(3, 2, "misread"),
        thought(4, 3, "up", "bob"),
    ]
    (week,) = by_week(questions, verdicts, LONDON, date(2026, 11, 9))
    assert (week.week, week.questions, week.answered, week.not_in_data) == (date(2026, 11, 9), 4, 0.75, 0.25)
    assert (week.sentences, week.grounded) == (7, 6 / 7)
    assert week.cited == 2 / 3
    assert (week.verdicts, week.useful, week.wrong_number, week.misunderstood) == (3, 2 / 3, 0, 1)
    assert (week.seconds_p50, week.seconds_p95, week.tokens, week.cost) == (0.5, 4.0, 60, None)


def test_weeks_begin_on_monday_in_the_reporting_zone() -> None:
    summer_sunday = datetime(2026, 6, 7, 23, 30, tzinfo=UTC)  # 00:30 on Monday 8 June in London
    (week,) = by_week([asked(1, summer_sunday)], [], LONDON, date(2026, 6, 1))
    assert week.week == date(2026, 6, 8)
    assert (week.useful, week.verdicts) == (None, 0)


def test_weeks_are_of_everybody_or_of_one_viewer(home: Home, now: datetime) -> None:
    workspace = Workspace(home)
    answer = asked(1, now).answer_json
    for viewer in ("ann", "ann", "bob"):
        number = workspace.save_question(
            "why?", answer, viewer=viewer, generation=1, provider="none", seconds=1.0
        )
        workspace.add_feedback(number, "useful", viewer=viewer)
    assert [week.questions for week in weekly(home, LONDON)] == [3]
    assert [(week.questions, week.verdicts) for week in weekly(home, LONDON, viewer="bob")] == [(1, 1)]
    assert weekly(home, LONDON, viewer="eve") == []


def test_an_answer_is_bad_by_what_each_person_thinks_now_and_by_itself_where_nobody_says() -> None:
    good, refused = {"claims": [{}]}, {"claims": [{}], "confidence": {"level": "not in the data"}}
    assert [is_bad(one, ()) for one in (good, refused, {"claims": []}, None)] == [False, True, True, True]
    assert [is_bad(good, [one]) for one in ("number", "evidence", "misread", "down")] == [True] * 4
    assert not is_bad(refused, ["useful"]) and not is_bad(None, ["up"])
    changed = last_verdicts(
        [thought(1, 7, "number"), thought(2, 7, "useful", "bob"), thought(3, 7, "useful")]
    )
    assert not is_bad(good, changed[7])
    at_odds = last_verdicts([thought(1, 7, "number"), thought(2, 7, "useful", "bob")])
    assert is_bad(good, at_odds[7])
