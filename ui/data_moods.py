"""Moods: the model card, what carries them, and where people say otherwise; cached like everything in `ui.data`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.filters import Filters
from core.viewer import Viewer
from ui import data, masking, resources, tables, trail
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.moods import MoodReport
    from rag.carrying import Carrying
    from rag.mood_labelling import Estimate, Labelling
    from store.corrected import Differing


def report() -> MoodReport:
    """The model card, and what is scored by language."""
    return _report(resources.viewer(), *data.stamp())


@kept(8, ahead=True)
def _report(viewer: Viewer, place: str, generation: int) -> MoodReport:
    from analytics.moods import mood_report

    include = resources.settings().counting.include
    return mood_report(resources.reader_of(generation), viewer, include=include)


def label() -> str:
    """Whose scores the moods of this generation are: stands wherever one is shown."""
    from analytics.moods import card

    return card(resources.reader()).by


def note() -> str:
    """The same as words below a list."""
    return f"moods by {tables.escaped(label())}"


def carrying(mood: str, filters: Filters) -> list[Carrying]:
    """The sentences that carry a mood (negative, positive) in the period."""
    return _carrying(mood, filters, resources.viewer(), *data.stamp())


@kept(100)
def _carrying(mood: str, filters: Filters, viewer: Viewer, place: str, generation: int) -> list[Carrying]:
    from rag.carrying import carrying as found

    reader = resources.reader_of(generation)
    return masking.shown(found(reader, mood, filters, settings=resources.settings(), viewer=viewer))


def labelling_takes(n: int) -> Estimate:
    """What a language model's labels for a sample would take; nothing is sent. Raises InputError, ConfigError."""
    from rag.mood_labelling import estimate

    return estimate(resources.rag_context(), n)


def label_sample(n: int) -> Labelling:
    """Have the language model label a sample. Raises InputError, ConfigError, NoAccess."""
    from rag.mood_labelling import label_moods

    with trail.changing("correct", "sample of moods labelled by the language model", conversations=n):
        return label_moods(resources.rag_context(), n, viewer=resources.me())


def labels_kept() -> int:
    """How many labels of models are kept; never cached."""
    return len(resources.workspace().mood_labels_in_force())


def unlabel() -> int:
    """Take back every label of a model; how many. Raises NoAccess."""
    with trail.changing("correct", "labels of the language model taken back"):
        return resources.workspace().take_back_mood_labels(viewer=resources.me())


def differing() -> list[Differing]:
    """Conversations whose mood people have said, and the machine now finds another."""
    return _differing(resources.viewer(), *data.stamp())


@kept(8)
def _differing(viewer: Viewer, place: str, generation: int) -> list[Differing]:
    from store.corrected import differing as found

    return masking.shown(found(resources.reader_of(generation), "sentiment", viewer=viewer))


def topics_in_words() -> str:
    """The fit that topics rest on."""
    if resources.generation() is None:
        return "nothing is loaded yet"
    return _topics_in_words(resources.viewer(), *data.stamp())


@kept(4, ahead=True)
def _topics_in_words(viewer: Viewer, place: str, generation: int) -> str:
    from analytics.topic_list import topic_list

    include = resources.settings().counting.include
    found = topic_list(resources.reader_of(generation), viewer, include=include)
    if found.version is None or found.agreement is None:
        return "none yet: from 30 conversations on"
    made = f", {found.made_at:%-d %b %Y}" if found.made_at else ""
    return f"fit {found.version}{made}: {len(found.topics)} topics, halves agree to {found.agreement:.2f}"
