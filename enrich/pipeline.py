"""What a refresh does after loading: bring enrichment and facts of changed conversations up to date.

Works on `dirty_conversations` alone. Every step commits in bounded transactions, and a conversation leaves
the list in the transaction that writes its facts: a killed run is finished by the next one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.settings import Settings
from enrich import (
    abilities,
    acknowledgements,
    attributes,
    calendars,
    contacts,
    copies,
    corrections,
    links,
    macros,
    messages,
    mood,
    renames,
    sla,
    timings,
    topic_choices,
    topic_emerging,
    topics,
)
from enrich.base import Enricher, Progress
from enrich.sieve import lay_sieve
from enrich.timings import Timings
from enrich.topics import Topics
from store.dirty import mark_all
from store.kept_values import recall, remember

if TYPE_CHECKING:
    from store.workspace import Correction, TopicChoice
    from store.writer import Writer

logger = logging.getLogger(__name__)
FACTS_BATCH = 200_000
AFTER: tuple[Enricher, ...] = (Topics(), Timings())
ALL: tuple[Enricher, ...] = (*messages.ENRICHERS, *AFTER)
_PENDING = "raising to "


@dataclass
class EnrichReport:
    """What was done, and how fast."""

    conversations: int = 0
    texts: int = 0
    texts_per_s: float = 0.0
    topics: int = 0
    topic_version: int | None = None
    emerging: int = 0
    raised: tuple[str, ...] = ()
    attributes: int = 0
    requesters_changed: int = 0
    corrections: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def enrich(
    writer: Writer,
    settings: Settings,
    progress: Progress,
    *,
    corrected: Sequence[Correction] | None = None,
    chosen: Sequence[TopicChoice] | None = None,
    moods: mood.Wish | None = None,
) -> EnrichReport:
    """Enrich every dirty conversation, and all of them where an enricher's version was raised.

    `corrected` are the corrections by people that are in force, `chosen` what they want of topics, `moods` whose
    scores they want; None leaves what was told before.
    """
    report = EnrichReport()
    if corrected is not None:
        with _timed(report, "corrections"), writer.transaction():
            report.corrections = corrections.take(writer, corrected)
    with _timed(report, "moods"):
        model = mood.settle(writer, moods, progress)
    by = messages.enrichers(model)
    every: tuple[Enricher, ...] = (*by, *AFTER)
    with _timed(report, "prepare"):
        raised = prepare(writer, settings, every)
        report.raised = tuple(sorted(raised))
    with _timed(report, "people"), writer.transaction():
        joined = attributes.refresh_attributes(writer)
        report.attributes, report.requesters_changed = joined.attributes, joined.changed
    with _timed(report, "texts"):
        scored = messages.score_messages(writer, raised, progress, by=by)
        report.texts, report.texts_per_s = scored.texts, round(scored.texts / max(scored.seconds, 1e-6), 1)
    if chosen is not None:
        with writer.transaction():
            topic_choices.take(writer, chosen)
    with _timed(report, "topics"):
        report.topic_version, report.topics = topics.assign_topics(writer, progress)
    with _timed(report, "facts"):
        report.conversations = fill_facts(writer, settings, progress)
    with _timed(report, "emerging"):
        report.emerging = topic_emerging.find_emerging(writer, progress)
    with writer.transaction():
        abilities.refresh_computed(writer)
        for enricher in every:
            remember(writer, f"enricher:{enricher.name}", enricher.key)
    logger.info(
        "enriched",
        extra={
            "conversations": report.conversations,
            "texts": report.texts,
            "texts_per_s": report.texts_per_s,
        },
    )
    return report


def prepare(writer: Writer, settings: Settings, every: Sequence[Enricher] = ALL) -> frozenset[str]:
    """Find out what is out of date, in one transaction. Gives the names of raised enrichers."""
    with writer.transaction():
        _begin(writer, every)
        raised, marked = _raised(writer, every)
        if raised - marked:
            mark_all(writer)
            for enricher in every:
                if enricher.name in raised:
                    remember(writer, f"enricher:{enricher.name}", f"{_PENDING}{enricher.key}")
        links.refresh_links(writer)
        renames.mark_renamed(writer)
        abilities.refresh_capabilities(writer)
        copies.refresh_copies(writer)
        calendars.refresh_calendars(writer, settings)
        sla.refresh_targets(writer, settings)
        acknowledgements.collect_acknowledgements(writer)
        macros.collect_macros(writer)
        _follow_counting(writer, settings)
        _move_zone(writer, settings.workspace.reporting_zone)
    acknowledgements.name_acknowledgements(writer)
    abilities.name_abilities(writer)
    return frozenset(raised)


def _begin(writer: Writer, every: Sequence[Enricher]) -> None:
    """In an empty store nothing is old: whatever a killed first run leaves behind is of today's versions."""
    rows = writer.query(
        "SELECT EXISTS (FROM conversation_facts) OR EXISTS (FROM message_enrichment) "
        "OR EXISTS (FROM settings_kv WHERE starts_with(key, 'enricher:')) AS begun"
    )
    if not rows["begun"][0].as_py():
        for enricher in every:
            remember(writer, f"enricher:{enricher.name}", enricher.key)


def _raised(writer: Writer, every: Sequence[Enricher]) -> tuple[set[str], set[str]]:
    """Enrichers whose stored version is not theirs, and those of them whose work was already laid out."""
    raised: set[str] = set()
    marked: set[str] = set()
    for enricher in every:
        stored = recall(writer, f"enricher:{enricher.name}")
        if stored == f"{_PENDING}{enricher.key}":
            raised.add(enricher.name)
            marked.add(enricher.name)
        elif stored != enricher.key or raised & set(enricher.builds_on):
            raised.add(enricher.name)
    return raised, marked


def _move_zone(writer: Writer, zone: str) -> None:
    stored = recall(writer, "reporting_zone")
    if stored is not None and stored != zone:
        timings.move_to_zone(writer, zone)
    if stored != zone:
        remember(writer, "reporting_zone", zone)


def _follow_counting(writer: Writer, settings: Settings) -> None:
    """Settings that change the facts themselves change all of them."""
    rules = settings.counting.model_dump_json(exclude={"include"})
    stored = recall(writer, "counting")
    if stored is not None and stored != rules:
        mark_all(writer)
    if stored != rules:
        remember(writer, "counting", rules)


def fill_facts(writer: Writer, settings: Settings, progress: Progress) -> int:
    """Facts for all dirty conversations, a batch a transaction."""
    rows = writer.query("SELECT count(DISTINCT (source_id, conversation_id)) AS n FROM dirty_conversations")
    total, done = int(rows["n"][0].as_py()), 0
    while done < total:
        writer.execute(f"""
            CREATE OR REPLACE TEMP TABLE batch AS
            SELECT *, row_number() OVER () AS c FROM (
              SELECT DISTINCT source_id, conversation_id FROM dirty_conversations
              ORDER BY ALL LIMIT {FACTS_BATCH})""")
        size = int(writer.query("SELECT count(*) AS n FROM batch")["n"][0].as_py())
        lay_sieve(writer, "batch")
        timings.gather(writer, settings)
        with writer.transaction():
            contacts.begin(writer)
            timings.fill(writer, settings)
            corrections.lay_over(writer)
            contacts.refresh_contacts(writer)
            writer.execute(
                "DELETE FROM dirty_conversations d USING batch b "
                "WHERE b.source_id = d.source_id AND b.conversation_id = d.conversation_id"
            )
        if not size:
            break
        done += size
        progress("computing facts", done, total)
    return done


class _timed:
    """Adds the seconds of a step to the report."""

    def __init__(self, report: EnrichReport, step: str) -> None:
        self._report, self._step = report, step

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._report.seconds[self._step] = round(time.perf_counter() - self._began, 3)
