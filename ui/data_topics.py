"""Topics, cached like everything in `ui.data`; what people want of them is never cached, and noted as it is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.filters import Filters
from core.viewer import Viewer
from ui import data, masking, resources, trail
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.emerging import Emerging
    from analytics.rising import RisingReport
    from analytics.topic_list import TopicList
    from analytics.topic_trends import TrendReport
    from rag.topic_wording import Estimate, Worded
    from store.workspace import TopicChoice, Workspace


def trends(filters: Filters, compare: str | None) -> TrendReport:
    """Every topic of the period with its numbers and what changed beyond chance."""
    return _trends(filters, compare, resources.viewer(), *data.stamp())


@kept(50, ahead=True)
def _trends(filters: Filters, compare: Any, viewer: Viewer, place: str, generation: int) -> TrendReport:
    from analytics.topic_trends import topic_trends

    reader, settings = resources.reader_of(generation), resources.settings()
    return topic_trends(reader, filters, settings=settings, viewer=viewer, compare=compare)


def rising(filters: Filters) -> RisingReport:
    """Topics with a larger share of the period than of the year before it."""
    return _rising(filters, resources.viewer(), *data.stamp())


@kept(50, ahead=True)
def _rising(filters: Filters, viewer: Viewer, place: str, generation: int) -> RisingReport:
    from analytics.rising import rising_topics

    reader, settings = resources.reader_of(generation), resources.settings()
    return rising_topics(reader, filters, settings=settings, viewer=viewer)


def emerging() -> tuple[Emerging, ...]:
    """Groups of recent conversations that fit no topic; whatever the bar says, they are of the last weeks."""
    return _emerging(resources.viewer(), *data.stamp())


@kept(8)
def _emerging(viewer: Viewer, place: str, generation: int) -> tuple[Emerging, ...]:
    from analytics.emerging import emerging_groups

    return masking.shown(emerging_groups(resources.reader_of(generation), viewer))


def topics() -> TopicList:
    """Every topic of all time with its terms, fit and examples."""
    return _topics(resources.viewer(), *data.stamp())


@kept(8)
def _topics(viewer: Viewer, place: str, generation: int) -> TopicList:
    from analytics.topic_list import topic_list

    include = resources.settings().counting.include
    return masking.shown(topic_list(resources.reader_of(generation), viewer, include=include))


def choices() -> list[TopicChoice]:
    """What people want of topics and have not taken back, the latest first."""
    return list(reversed(resources.workspace().topic_choices_in_force()))


def rename(topic_id: int, name: str) -> None:
    """Call a topic so. Raises InputError, NoAccess."""
    _choose(
        "renamed topic",
        lambda kept, me: kept.rename_topic(topic_id, name, viewer=me),
        topic=topic_id,
        name=name,
    )


def move(topic_id: int, group: str) -> None:
    """Put a topic into a group. Raises InputError, NoAccess."""
    _choose(
        "moved topic",
        lambda kept, me: kept.move_topic(topic_id, group, viewer=me),
        topic=topic_id,
        group=group,
    )


def merge(topic_id: int, into: int) -> None:
    """Count a topic under another. Raises InputError, NoAccess."""
    _choose(
        "merged topic",
        lambda kept, me: kept.merge_topics(topic_id, into, viewer=me),
        topic=topic_id,
        into=into,
    )


def split(topic_id: int, parts: int) -> None:
    """Divide a topic by its texts. Raises InputError, NoAccess."""
    _choose(
        "split topic",
        lambda kept, me: kept.split_topic(topic_id, parts, viewer=me),
        topic=topic_id,
        parts=parts,
    )


def pin(topic_id: int) -> None:
    """Keep a topic's conversations in it. Raises NoAccess."""
    _choose("pinned topic", lambda kept, me: kept.pin_topic(topic_id, viewer=me), topic=topic_id)


def refit() -> None:
    """Have topics found again by the next refresh. Raises NoAccess."""
    _choose("topics to be found again", lambda kept, me: kept.refit_topics(viewer=me))


def wording_takes() -> Estimate:
    """What a language model's names for topics would take; nothing is sent. Raises ConfigError."""
    from rag.topic_wording import estimate

    return estimate(resources.rag_context())


def word() -> Worded:
    """Have the language model name topics. Raises ConfigError, NoAccess."""
    from rag.topic_wording import word_topics

    with trail.changing("correct", "topics worded by the language model"):
        return word_topics(resources.rag_context(), viewer=resources.me())


def unword() -> int:
    """Take back every name that a language model gave; how many. Raises NoAccess."""
    with trail.changing("correct", "names by the language model taken back"):
        return resources.workspace().unword_topics(viewer=resources.me())


def undo(choice: int) -> None:
    """Take a choice back. Raises NoAccess."""
    _choose(
        "choice of a topic taken back",
        lambda kept, me: kept.undo_topic_choice(choice, viewer=me),
        choice=choice,
    )


def _choose(what: str, write: Callable[[Workspace, str], object], **detail: Any) -> None:
    with trail.changing("correct", what, **detail):
        write(resources.workspace(), resources.me())
