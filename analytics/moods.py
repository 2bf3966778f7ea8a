"""Whose scores of mood a generation holds, how good they are, and what nobody could score."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from analytics.memo import per_reader
from analytics.population import counted_sql
from core.errors import StoreError
from core.viewer import EVERYTHING, Viewer
from enrich.mood_card import KEY, MoodCard, read
from enrich.mood_model import load
from enrich.mood_training import FEWEST_PER_CLASS
from enrich.sentiment import CLASSES, SCORED_LANGUAGES, Sentiment

if TYPE_CHECKING:
    from analytics.base import Metric
    from enrich.mood_judged import Judged
    from store.reader import Reader

__all__ = [
    "FEWEST_PER_CLASS",
    "MoodCard",
    "MoodLanguage",
    "MoodReport",
    "card",
    "mood_report",
    "note_of",
    "noted",
]
BEGINS: Final = "Moods by "
OF_MOODS: Final = frozenset(
    {
        "net_sentiment",
        "sentiment_negative_share",
        "sentiment_neutral_share",
        "sentiment_positive_share",
        "experience_score",
    }
)
DIMENSIONS: Final = frozenset({"sentiment", "mood_start", "mood_end"})
_SEEN = """
    SELECT value, count(*) AS n FROM {conversation_corrections} WHERE field = 'sentiment' GROUP BY value"""
_LANGUAGES = f"""
    SELECT language, count(*) AS n, count(sentiment) AS scored FROM {{conversation_facts}} f
    WHERE {counted_sql("f")} GROUP BY language ORDER BY n DESC, language"""


@dataclass(frozen=True, slots=True)
class MoodLanguage:
    """A language of conversations (None: too short to tell): how many, how many have a mood, and who scores them.

    `by` is "classifier", "lexicon" or "" (nobody: those of its conversations that have a mood have a person's word,
    or words of another language). `judged` is how that compares with what people say.
    """

    language: str | None
    n: int
    scored: int
    by: str
    judged: Judged | None


@dataclass(frozen=True, slots=True)
class MoodReport:
    """The model card, what is scored by language, and the word that stands beside every mood.

    Of a viewer who sees a part of the workspace the card counts the corrections of that part, and `is_part` is true:
    how well a scorer does was judged over the whole, with conversations that they may not see.
    """

    label: str
    card: MoodCard
    languages: tuple[MoodLanguage, ...]
    n: int
    scored: int
    is_part: bool = False


@per_reader
def card(reader: Reader) -> MoodCard:
    """The model card of a generation. It counts corrections of the whole workspace and names no conversation."""
    rows = reader.query("SELECT value FROM {settings_kv} WHERE key = ?", [KEY], viewer=EVERYTHING)
    return read(rows["value"][0].as_py() if rows.num_rows else None)


def mood_report(reader: Reader, viewer: Viewer, *, include: tuple[str, ...]) -> MoodReport:
    """What is known about moods in the counted conversations that the viewer may see.

    `include` names kinds that count although they are left out by default, as the settings have them.
    """
    found = card(reader)
    shown = _of_part(reader, found, viewer) if viewer.is_limited else found
    judged = dict(shown.languages)
    rows = reader.query(_LANGUAGES, [list(include)], viewer=viewer).to_pylist()
    languages = tuple(
        MoodLanguage(
            row["language"], row["n"], row["scored"], _by(found, row["language"]), judged.get(row["language"])
        )
        for row in rows
    )
    return MoodReport(
        found.by, shown, languages, sum(one.n for one in languages), sum(one.scored for one in languages),
        viewer.is_limited,
    )  # fmt: skip


def _of_part(reader: Reader, found: MoodCard, viewer: Viewer) -> MoodCard:
    """The card with the corrections of conversations that the viewer may see, and nothing that was judged on others."""
    rows = reader.query(_SEEN, viewer=viewer)
    seen = dict(zip(rows["value"].to_pylist(), rows["n"].to_pylist(), strict=True))
    counts = tuple(seen.get(mood, 0) for mood in CLASSES)
    return replace(
        found, corrections=counts, labels=(0,) * len(CLASSES), both=0, agreed=0, whole=None, languages=(), reason=""
    )  # fmt: skip


def note_of(reader: Reader, metric: Metric, by: Collection[str] = ()) -> tuple[str, ...]:
    """The sentence that every number about moods carries, and every number that is split by one."""
    is_told = metric.name in OF_MOODS or not DIMENSIONS.isdisjoint(by)
    return (f"{BEGINS}{card(reader).by}.",) if is_told else ()


def noted(notes: tuple[str, ...]) -> str:
    """Who scored the moods behind a number, from its notes; empty where it is about none."""
    return next((note.removeprefix(BEGINS).rstrip(".") for note in notes if note.startswith(BEGINS)), "")


@per_reader
def scorer(reader: Reader) -> Sentiment:
    """Who scores moods in a generation, for sentences of its messages; the word list where the classifier is gone."""
    found = card(reader)
    if not found.in_use:
        return Sentiment()
    try:
        return Sentiment(load(reader.home.models, found.model))
    except StoreError:  # a later refresh has put another in its place
        return Sentiment()


def _by(found: MoodCard, language: str | None) -> str:
    if found.in_use and (
        language in found.model_languages
        or (language is None and SCORED_LANGUAGES & set(found.model_languages))
    ):
        return "classifier"
    return "lexicon" if language is None or language in SCORED_LANGUAGES else ""
