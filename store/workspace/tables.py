"""The tables of what people create, and of the word that is sent to them.

Version 3: nothing of the audit log can be changed any more. Version 4: alerts and deliveries. Version 5: groups of
who signed in. Version 6: digests. Version 7: topics as people want them. Version 8: whose scores of mood. Version 9: what
people said of anomalies. Version 10: tokens for machines. Version 11: what language models used, and what they worded.
Version 14: the sums of each language model. Version 15: the note that an expected event made. Version 16: which way an
anomaly went that somebody judged.

A column that a later version adds must be nullable: rows of older versions get it empty.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from store.database import Instant

VERSION = 16

metadata = MetaData()


def _number() -> Column[int]:
    """A page that was left open speaks of a row by it, so none is given twice: of SQLite each table has to say so, too."""
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _conversation(*, key: bool = False) -> tuple[Column[str], Column[str]]:
    return (
        Column("source_id", String(200), nullable=False, primary_key=key),
        Column("conversation_id", String(300), nullable=False, primary_key=key),
    )


QUESTIONS = Table(
    "questions",
    metadata,
    _number(),
    Column("asked_at", Instant, nullable=False),
    Column("viewer", String(200), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("answer_json", JSON),
    Column("generation", Integer),
    Column("provider", String(40)),
    Column("seconds", Float),
    sqlite_autoincrement=True,
)
FEEDBACK = Table(
    "feedback",
    metadata,
    _number(),
    Column(
        "question_id", Integer, ForeignKey("questions.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("viewer", String(200), nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("note", Text),
    Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
VIEWS = Table(
    "saved_views",
    metadata,
    Column("owner", String(200), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("page", String(100), nullable=False),
    Column("query", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("shared", Boolean),
)
AUDIT = Table(
    "audit_log",
    metadata,
    _number(),
    Column("at", Instant, nullable=False),
    Column("viewer", String(200), nullable=False),
    Column("action", String(100), nullable=False),
    Column("detail", JSON),
    sqlite_autoincrement=True,
)
SIGNED_IN = Table(
    "signed_in",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("groups", JSON, nullable=False),
    Column("at", Instant, nullable=False),
)
NOTES = Table(
    "notes",
    metadata,
    _number(),
    Column("from_day", Date, nullable=False, index=True),
    Column("to_day", Date, nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("tag", String(20), nullable=False),
    Column("author", String(200), nullable=False),
    Column("metric", String(100)),
    Column("only", JSON),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant),
    sqlite_autoincrement=True,
)
CORRECTIONS = Table(
    "corrections",
    metadata,
    _number(),
    *_conversation(),
    Column("field", String(40), nullable=False),
    Column("value", String(300), nullable=False),
    Column("viewer", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", String(200)),
    Index("ix_corrections_conversation", "source_id", "conversation_id", "field"),
    sqlite_autoincrement=True,
)
TOPIC_CHOICES = Table(
    "topic_choices",
    metadata,
    _number(),
    Column("kind", String(20), nullable=False),
    Column("topic_id", Integer),
    Column("target_id", Integer),
    Column("words", String(120)),
    Column("viewer", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", String(200)),
    Column("model", String(200)),
    sqlite_autoincrement=True,
)
TOKENS = Table(
    "tokens",
    metadata,
    _number(),
    Column("name", String(200), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("owner", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("used_at", Instant),
    sqlite_autoincrement=True,
)
MOOD_CHOICES = Table(
    "mood_choices",
    metadata,
    _number(),
    Column("kind", String(20), nullable=False),
    Column("viewer", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
MOOD_LABELS = Table(
    "mood_labels",
    metadata,
    _number(),
    *_conversation(),
    Column("value", String(20), nullable=False),
    Column("model", String(200), nullable=False),
    Column("viewer", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", String(200)),
    Index("ix_mood_labels_conversation", "source_id", "conversation_id"),
    sqlite_autoincrement=True,
)
LABELS = Table(
    "labels",
    metadata,
    *_conversation(key=True),
    Column("label", String(60), primary_key=True, index=True),
    Column("viewer", String(200), nullable=False),
    Column("at", Instant, nullable=False),
)
EVIDENCE_SETS = Table(
    "evidence_sets",
    metadata,
    _number(),
    Column("owner", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("owner", "name"),
    sqlite_autoincrement=True,
)
EVIDENCE = Table(
    "evidence",
    metadata,
    Column("set_id", Integer, ForeignKey("evidence_sets.id", ondelete="CASCADE"), primary_key=True),
    *_conversation(key=True),
    Column("note", Text, nullable=False),
    Column("added_by", String(200), nullable=False),
    Column("added_at", Instant, nullable=False),
)
CARDS = Table(
    "cards",
    metadata,
    _number(),
    Column("owner", String(200), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("title", String(200), nullable=False),
    Column("definition", JSON, nullable=False),
    Column("position", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
DIGESTS = Table(
    "digests",
    metadata,
    _number(),
    Column("owner", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("view_owner", String(200)),  # empty of a brief
    Column("view_name", String(200)),
    Column("definition", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("status", String(20), nullable=False),
    Column("problem", Text),
    Column("told", Date),  # the last day it was due on that is settled: sent, or missed
    Column("told_at", Instant),
    Column("sizes", JSON),  # conversations by source when it was last sent
    UniqueConstraint("owner", "name"),
    Index("ix_digests_view", "view_owner", "view_name"),
    sqlite_autoincrement=True,
)
ALERT_RULES = Table(
    "alert_rules",
    metadata,
    _number(),
    Column("owner", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("definition", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("snoozed_until", Instant),
    Column("status", String(20), nullable=False),
    Column("problem", Text),
    Column("evaluated_at", Instant),
    Column("seen", String(200), nullable=False),  # what it was judged on last: nothing newer, nothing to do
    UniqueConstraint("owner", "name"),
    sqlite_autoincrement=True,
)
ALERT_STATES = Table(
    "alert_states",
    metadata,
    Column("rule_id", Integer, ForeignKey("alert_rules.id", ondelete="CASCADE"), primary_key=True),
    Column("segment", String(300), primary_key=True),
    Column("level", String(20), nullable=False),
    Column("said", String(20), nullable=False),
    Column("streak", Integer, nullable=False),
    Column("base", Integer, nullable=False),
    Column("window", String(40), nullable=False),
    Column("value", Float),
    Column("n", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)
INCIDENTS = Table(
    "incidents",
    metadata,
    _number(),
    Column("rule_id", Integer, nullable=False, index=True),  # outlives its rule; 0 of a digest
    Column("rule_name", String(200), nullable=False),
    Column("owner", String(200), nullable=False, index=True),
    Column("segment", String(300), nullable=False),
    Column("open_key", String(340), unique=True),  # empty once it has ended: one open incident a segment
    Column("opened_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_because", String(200)),
    Column("message", JSON, nullable=False),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", String(200)),
    sqlite_autoincrement=True,
)
DELIVERIES = Table(
    "deliveries",
    metadata,
    _number(),
    Column("key", String(300), nullable=False, unique=True),
    Column("idempotency_id", String(40), nullable=False),
    Column("owner", String(200), nullable=False, index=True),
    Column("incident_id", Integer, index=True),
    Column("event", String(20), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("message", JSON, nullable=False),
    Column("status", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("claim", String(40)),
    Column("lease_until", Instant),
    Column("is_repeatable", Boolean, nullable=False),
    Column("finished_at", Instant),
    Column("problem", Text),
    Index("ix_deliveries_status", "status", "due_at"),
    sqlite_autoincrement=True,
)
ANOMALY_VERDICTS = Table(
    "anomaly_verdicts",
    metadata,
    _number(),
    Column("key", String(600), nullable=False, index=True),
    Column("metric", String(100), nullable=False),
    Column("where", JSON, nullable=False),
    Column("saying", String(20), nullable=False),
    Column("from_day", Date, nullable=False),
    Column("to_day", Date, nullable=False),
    Column("viewer", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),
    Column("undone_by", String(200)),
    Column("note_id", Integer),
    Column("is_above", Boolean),
    sqlite_autoincrement=True,
)
MODEL_SPENDING = Table(
    "model_spending",
    metadata,
    Column("day", Date, primary_key=True),
    Column("tokens", BigInteger, nullable=False),
    Column("dollars", Float, nullable=False),
)
MODEL_USE = Table(
    "model_use",
    metadata,
    Column("provider", String(200), primary_key=True),
    Column("model", String(200), primary_key=True),
    Column("calls", BigInteger, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("dollars", Float),
)
KEPT_WORDS = Table(
    "kept_words",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("generation", Integer, nullable=False, index=True),
    Column("words", JSON, nullable=False),
    Column("at", Instant, nullable=False),
)
