"""What people create: questions, views, notes, corrections, cards, alerts, digests and more. Not analytics, so not DuckDB.

One file a topic, and one face for all of them. Whatever people write is bounded and made fit to be kept in
`words`; who may change what is decided here, by the name of the viewer.
"""

from __future__ import annotations

from core.home import Home
from store.database import database
from store.workspace.alert_rules import AlertRule, AlertRules
from store.workspace.anomaly_verdicts import AnomalyVerdict, AnomalyVerdicts
from store.workspace.audit import Audit, AuditEntry
from store.workspace.cards import Card, Cards
from store.workspace.corrections import Correction, Corrections, Label, Labels
from store.workspace.deliveries import Deliveries, Delivery, Outgoing
from store.workspace.digests import Digests, KeptDigest
from store.workspace.evidence import Evidence, EvidenceSet, EvidenceSets
from store.workspace.incidents import AlertState, AlertStep, Incident, Incidents
from store.workspace.kept_words import KeptWords
from store.workspace.model_spending import ModelSpending, Spent
from store.workspace.model_use import ModelUse, ModelUses
from store.workspace.mood_choices import MoodChoice, MoodChoices
from store.workspace.mood_labels import MoodLabel, MoodLabels
from store.workspace.notes import Note, Notes, Scope, Tag
from store.workspace.people import People
from store.workspace.questions import Feedback, Question, Questions, Verdict
from store.workspace.tables import VERSION, metadata
from store.workspace.tokens import Token, Tokens
from store.workspace.topic_choices import TopicChoice, TopicChoices
from store.workspace.views import SavedView, Views


class Workspace(
    Questions,
    Views,
    Notes,
    Corrections,
    Labels,
    EvidenceSets,
    Cards,
    AlertRules,
    Incidents,
    Deliveries,
    Digests,
    Audit,
    People,
    TopicChoices,
    AnomalyVerdicts,
    MoodChoices,
    MoodLabels,
    Tokens,
    ModelSpending,
    ModelUses,
    KeptWords,
):
    """Typed access to what people create. Cheap to make; safe to share between threads."""

    def __init__(self, home: Home, *, url: str | None = None) -> None:
        self._engine = database(home, metadata, part="workspace", version=VERSION, url=url)


__all__ = [
    "AlertRule",
    "AlertState",
    "AlertStep",
    "AnomalyVerdict",
    "AuditEntry",
    "Card",
    "Correction",
    "Delivery",
    "Evidence",
    "EvidenceSet",
    "Feedback",
    "Incident",
    "KeptDigest",
    "Label",
    "ModelUse",
    "MoodChoice",
    "MoodLabel",
    "Note",
    "Outgoing",
    "Question",
    "SavedView",
    "Scope",
    "Spent",
    "Tag",
    "Token",
    "TopicChoice",
    "Verdict",
    "Workspace",
    "metadata",
]
