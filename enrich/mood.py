"""Who scores moods: the word list, or a classifier that this workspace's own corrections have taught.

From 100 corrections of every class on, the refresh trains one, when a tenth of the corrections is new or somebody
asks for it. Labels that a language model gave a chosen sample count like corrections there, and nowhere else; a person's
correction comes before them. When they are taken back, so is the classifier that learned from them. It is used for the
languages in which it is better (mood_judged.py) and as long as people want it; a file that cannot be used sends scores
back to the list, and says so. Another scorer is another `key` of the enricher: messages are scored anew, once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from core import clock
from core.errors import StoreError
from enrich import mood_labels
from enrich.base import Progress
from enrich.cleaning import clean
from enrich.language import detect
from enrich.mood_card import KEY, MoodCard, Scorer, read
from enrich.mood_model import MoodModel, keep_only, load, save
from enrich.mood_training import FEWEST_PER_CLASS, Labelled, by_list, train
from enrich.mood_words import judged_by
from enrich.sentiment import words_of
from store.kept_values import recall, remember

if TYPE_CHECKING:
    from pathlib import Path

    from store.workspace import MoodLabel
    from store.writer import Writer

logger = logging.getLogger(__name__)
TRAINER: Final = 1  # raised when classifiers are made in another way
MOST_CORRECTIONS: Final = 5_000  # the newest of them; bounds time and memory of a training
GROWTH_BEFORE_TRAINING: Final = 0.1
MOST_MESSAGES: Final = 50  # of a conversation

_SAID = f"""(FROM ({mood_labels.SAID})
      ORDER BY by_model, said_at DESC, source_id, conversation_id LIMIT {MOST_CORRECTIONS})"""
_COLUMNS = """k.value AS mood, k.by_model,
        coalesce(CASE WHEN trim(m.body_text) <> '' THEN m.body_text END, m.body_html, '') AS body,
        e.clean_text, e.language,
        e.message_id IS NOT NULL AND e.content_hash IS NOT DISTINCT FROM m.content_hash AS is_known"""
_TEXTS = f"{judged_by(_SAID, _COLUMNS)} ORDER BY source_id, conversation_id, seq, created_at, message_id"


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose scores people want, the number of their last wish to train again, and what models labelled for it."""

    by: Scorer = "model"
    train: int = 0
    labels: tuple[MoodLabel, ...] = ()


def settle(writer: Writer, wish: Wish | None, progress: Progress) -> MoodModel | None:
    """The classifier that scores from now on, or None for the word list; the card of it is written.

    Without a wish what was wanted last holds. Needs the corrections in the warehouse.
    """
    before = card_of(writer)
    wanted = wish or Wish(before.wanted, before.heard)
    mood_labels.take(writer, wanted.labels)
    card = mood_labels.counted(writer, replace(before, wanted=wanted.by))
    if wish is None and before.labelled:
        card = before  # nobody told what models labelled: what was learned from them stays
    elif before.labels_learned and not card.labelled:
        card = mood_labels.forgotten(card)
    if card is not before and any(card.known) and _is_due(writer, card, wanted):
        card = _trained(writer, replace(card, heard=wanted.train), progress)
    elif card.corrections != before.corrections or card.labels != before.labels:
        card = _compared(writer, card)
    model, card = _chosen(folder_of(writer), card)
    if card != before:
        with writer.transaction():
            remember(writer, KEY, card.written())
        keep_only(folder_of(writer), card.model)
    return model


def folder_of(writer: Writer) -> Path:
    """Where classifiers are kept."""
    return writer.home.models


def card_of(writer: Writer) -> MoodCard:
    """The card as it was written last."""
    return read(recall(writer, KEY))


def _is_due(writer: Writer, card: MoodCard, wanted: Wish) -> bool:
    """Whether there is enough to learn from, and enough of it new."""
    if min(card.known) < FEWEST_PER_CLASS:
        return False
    if not card.trained_on or card.trainer != TRAINER or wanted.train > card.heard:
        return True
    rows = writer.query(f"SELECT count(*) AS n FROM ({mood_labels.SAID}) WHERE said_at > ?", [card.until])
    new, known = int(rows["n"][0].as_py()), sum(card.known)
    gone = max(0, card.trained_on - (known - new))
    other = max(new + gone, abs(known - card.trained_on))
    return other >= GROWTH_BEFORE_TRAINING * card.trained_on


def _trained(writer: Writer, card: MoodCard, progress: Progress) -> MoodCard:
    progress("learning moods", 0, sum(card.known))
    found = train(labelled(writer))
    until = writer.query(f"SELECT max(said_at) AS at FROM ({mood_labels.SAID})")
    model = save(folder_of(writer), found.model) if found.model else None
    logger.info(
        "moods learned",
        extra={"corrections": card.total, "labels": card.labelled, "model": model.id if model else ""},
    )
    return replace(
        card, until=until["at"][0].as_py(), trained_at=clock.now(), trained_on=sum(card.known), trainer=TRAINER,
        labels_learned=card.labelled,
        model=model.id if model else "", model_languages=tuple(sorted(model.languages)) if model else (),
        reason=found.whole.reason if found.whole.n else "no correction is of a language of the word list",
        whole=found.whole, languages=tuple(found.languages.items()),
    )  # fmt: skip


def _compared(writer: Writer, card: MoodCard) -> MoodCard:
    """Where nothing was trained yet, at least how the list does beside what people say."""
    if card.trained_on:
        return card
    if not card.total:  # against a model's labels alone nothing is said of the word list
        return replace(card, whole=None, languages=(), reason="")
    whole, languages = by_list([one for one in labelled(writer) if not one.by_model])
    reason = f"{FEWEST_PER_CLASS} corrections of each class are needed"
    return replace(card, whole=whole, languages=tuple(languages.items()), reason=reason)


def _chosen(folder: Path, card: MoodCard) -> tuple[MoodModel | None, MoodCard]:
    """The classifier as far as there is one, it is wanted, and its file is whole."""
    if not card.model or card.wanted != "model":
        return None, replace(card, in_use=False, problem="")
    try:
        return load(folder, card.model), replace(card, in_use=True, problem="")
    except StoreError as error:
        logger.warning("moods are scored by the word list", extra={"reason": error.message})
        return None, replace(card, in_use=False, problem=error.message)


def labelled(writer: Writer) -> list[Labelled]:
    """The conversations that people corrected or models labelled, with the words that they are judged by."""
    found: dict[tuple[str, str], list[tuple[str, str | None]]] = {}
    moods: dict[tuple[str, str], tuple[str, bool]] = {}
    for row in writer.query(_TEXTS).to_pylist():
        key = (row["source_id"], row["conversation_id"])
        moods[key] = row["mood"], row["by_model"]
        said = found.setdefault(key, [])
        if len(said) < MOST_MESSAGES:
            said.append(_worded(row))
    return [Labelled(key, moods[key][0], tuple(said), moods[key][1]) for key, said in found.items()]


def _worded(row: dict[str, Any]) -> tuple[str, str | None]:
    """A message's words and language: as they were found, or found now where its text is new."""
    if row["is_known"]:
        return words_of(row["clean_text"] if row["clean_text"] is not None else row["body"]), row["language"]
    cleaned = clean(row["body"]).text
    return words_of(cleaned), detect(row["body"])[0]
