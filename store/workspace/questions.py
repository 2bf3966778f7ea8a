"""Questions that were asked with their answers, and what people thought of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from sqlalchemy import insert, select

from core import clock
from store.workspace.part import Part
from store.workspace.tables import FEEDBACK, QUESTIONS

Verdict = Literal["useful", "number", "evidence", "misread"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was asked, with the answer as it was given."""

    id: int
    asked_at: datetime
    viewer: str
    question: str
    answer_json: dict[str, Any] | None
    generation: int | None
    provider: str | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody thought of an answer."""

    id: int
    question_id: int
    viewer: str
    verdict: str
    note: str | None
    at: datetime


class Questions(Part):
    """Questions and feedback."""

    def save_question(
        self,
        question: str,
        answer: dict[str, Any] | None,
        *,
        viewer: str,
        generation: int | None = None,
        provider: str | None = None,
        seconds: float | None = None,
    ) -> int:
        """Keep a question and its answer; returns the id that `--follow` takes."""
        row = {
            "asked_at": clock.now(), "viewer": viewer, "question": question, "answer_json": answer,
            "generation": generation, "provider": provider, "seconds": seconds,
        }  # fmt: skip
        make = insert(QUESTIONS).values(row).returning(QUESTIONS.c.id)
        return self._writing(lambda con: int(con.execute(make).scalar_one()))

    def question(self, id: int) -> Question | None:
        """One question, or None."""
        with self._reading() as con:
            row = con.execute(select(QUESTIONS).where(QUESTIONS.c.id == id)).mappings().first()
        return Question(**row) if row else None

    def recent_questions(self, n: int = 20, *, viewer: str | None = None) -> list[Question]:
        """The newest questions, of everybody or of one viewer."""
        query = select(QUESTIONS).order_by(QUESTIONS.c.id.desc()).limit(n)
        if viewer is not None:
            query = query.where(QUESTIONS.c.viewer == viewer)
        with self._reading() as con:
            return [Question(**row) for row in con.execute(query).mappings()]

    def questions_since(
        self, day: date, *, viewer: str | None = None
    ) -> tuple[list[Question], list[Feedback]]:
        """Questions asked since the beginning of a day (UTC), of everybody or of one viewer, and what was thought of them."""
        chosen = [QUESTIONS.c.asked_at >= datetime.combine(day, time(), UTC)]
        chosen += [QUESTIONS.c.viewer == viewer] if viewer is not None else []
        query = select(QUESTIONS).where(*chosen).order_by(QUESTIONS.c.id)
        of_them = select(FEEDBACK).where(FEEDBACK.c.question_id.in_(select(QUESTIONS.c.id).where(*chosen)))
        with self._reading() as con:
            asked = [Question(**row) for row in con.execute(query).mappings()]
            return asked, [Feedback(**row) for row in con.execute(of_them.order_by(FEEDBACK.c.id)).mappings()]

    def add_feedback(
        self, question_id: int, verdict: Verdict, *, note: str | None = None, viewer: str = "everyone"
    ) -> int:
        """Keep a verdict on an answer."""
        row = {
            "question_id": question_id, "viewer": viewer, "verdict": verdict, "note": note, "at": clock.now(),
        }  # fmt: skip
        make = insert(FEEDBACK).values(row).returning(FEEDBACK.c.id)
        return self._writing(lambda con: int(con.execute(make).scalar_one()))

    def feedback(self, question_id: int) -> list[Feedback]:
        """Verdicts on one answer, oldest first."""
        query = select(FEEDBACK).where(FEEDBACK.c.question_id == question_id).order_by(FEEDBACK.c.id)
        with self._reading() as con:
            return [Feedback(**row) for row in con.execute(query).mappings()]
