"""Ratings, cached like everything in `ui.data`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.filters import Filters
from core.viewer import Viewer
from ui import data, masking, resources
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.ratings import Comment, Score


def scores(filters: Filters) -> list[Score]:
    """Last ratings of the period by scale and score."""
    return _scores(filters, resources.viewer(), *data.stamp())


@kept(100, ahead=True)
def _scores(filters: Filters, viewer: Viewer, place: str, generation: int) -> list[Score]:
    from analytics import ratings

    return ratings.scores(
        resources.reader_of(generation), filters, settings=resources.settings(), viewer=viewer
    )


def bad_comments(filters: Filters) -> list[Comment]:
    """The latest bad ratings of the period with a comment."""
    return _bad_comments(filters, resources.viewer(), *data.stamp())


@kept(100)
def _bad_comments(filters: Filters, viewer: Viewer, place: str, generation: int) -> list[Comment]:
    from analytics import ratings

    found = ratings.bad_comments(
        resources.reader_of(generation), filters, settings=resources.settings(), viewer=viewer
    )
    return masking.shown(found)
