"""What people create: questions and feedback, saved views, the audit log. Not analytics, so not DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
)

from core import clock
from core.home import Home
from store.database import Instant, database

Verdict = Literal["up", "down"]

metadata = MetaData()
QUESTIONS = Table(
    "questions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("asked_at", Instant, nullable=False),
    Column("viewer", String(200), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("answer_json", JSON),
    Column("generation", Integer),
    Column("provider", String(40)),
    Column("seconds", Float),
)
FEEDBACK = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column(
        "question_id", Integer, ForeignKey("questions.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("viewer", String(200), nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("note", Text),
    Column("at", Instant, nullable=False),
)
VIEWS = Table(
    "saved_views",
    metadata,
    Column("owner", String(200), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("page", String(100), nullable=False),
    Column("query", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)
AUDIT = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("viewer", String(200), nullable=False),
    Column("action", String(100), nullable=False),
    Column("detail", JSON),
)


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


@dataclass(frozen=True, slots=True)
class SavedView:
    """A page with its filters, kept under a name."""

    owner: str
    name: str
    page: str
    query: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what."""

    id: int
    at: datetime
    viewer: str
    action: str
    detail: dict[str, Any] | None


class Workspace:
    """Typed access to what people create. Cheap to make; safe to share between threads."""

    def __init__(self, home: Home, *, url: str | None = None) -> None:
        self._engine = database(home, metadata, part="workspace", version=1, url=url)

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
        with self._engine.begin() as con:
            return int(con.execute(insert(QUESTIONS).values(row).returning(QUESTIONS.c.id)).scalar_one())

    def question(self, id: int) -> Question | None:
        """One question, or None."""
        with self._engine.connect() as con:
            row = con.execute(select(QUESTIONS).where(QUESTIONS.c.id == id)).mappings().first()
        return Question(**row) if row else None

    def recent_questions(self, n: int = 20, *, viewer: str | None = None) -> list[Question]:
        """The newest questions, of everybody or of one viewer."""
        query = select(QUESTIONS).order_by(QUESTIONS.c.id.desc()).limit(n)
        if viewer is not None:
            query = query.where(QUESTIONS.c.viewer == viewer)
        with self._engine.connect() as con:
            return [Question(**row) for row in con.execute(query).mappings()]

    def add_feedback(
        self, question_id: int, verdict: Verdict, *, note: str | None = None, viewer: str = "everyone"
    ) -> int:
        """Keep a verdict on an answer."""
        row = {
            "question_id": question_id, "viewer": viewer, "verdict": verdict, "note": note, "at": clock.now(),
        }  # fmt: skip
        with self._engine.begin() as con:
            return int(con.execute(insert(FEEDBACK).values(row).returning(FEEDBACK.c.id)).scalar_one())

    def feedback(self, question_id: int) -> list[Feedback]:
        """Verdicts on one answer, oldest first."""
        query = select(FEEDBACK).where(FEEDBACK.c.question_id == question_id).order_by(FEEDBACK.c.id)
        with self._engine.connect() as con:
            return [Feedback(**row) for row in con.execute(query).mappings()]

    def save_view(self, name: str, *, owner: str, page: str, query: str) -> None:
        """Keep a page with its filters; a view of the same owner and name is replaced."""
        row = {"owner": owner, "name": name, "page": page, "query": query, "created_at": clock.now()}
        with self._engine.begin() as con:
            con.execute(delete(VIEWS).where(VIEWS.c.owner == owner, VIEWS.c.name == name))
            con.execute(insert(VIEWS).values(row))

    def views(self, owner: str) -> list[SavedView]:
        """An owner's saved views by name."""
        query = select(VIEWS).where(VIEWS.c.owner == owner).order_by(VIEWS.c.name)
        with self._engine.connect() as con:
            return [SavedView(**row) for row in con.execute(query).mappings()]

    def delete_view(self, name: str, *, owner: str) -> bool:
        """Forget a view; whether there was one."""
        with self._engine.begin() as con:
            gone = con.execute(delete(VIEWS).where(VIEWS.c.owner == owner, VIEWS.c.name == name))
            return bool(gone.rowcount)

    def audit(self, action: str, *, viewer: str, detail: dict[str, Any] | None = None) -> None:
        """Note who did what."""
        row = {"at": clock.now(), "viewer": viewer, "action": action, "detail": detail}
        with self._engine.begin() as con:
            con.execute(insert(AUDIT).values(row))

    def audit_log(self, n: int = 100) -> list[AuditEntry]:
        """The newest audit entries."""
        with self._engine.connect() as con:
            rows = con.execute(select(AUDIT).order_by(AUDIT.c.id.desc()).limit(n)).mappings()
            return [AuditEntry(**row) for row in rows]
