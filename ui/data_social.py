"""Caches of posts in public: of one generation, for one viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.filters import Filters
from core.viewer import Viewer
from ui import data, masking, resources
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.social import Post

MOST = 100


def sources() -> tuple[str, ...]:
    """Sources of posts: none, and there is nothing to show."""
    return _sources(resources.viewer(), *data.stamp())


@kept(8, ahead=True)
def _sources(viewer: Viewer, place: str, generation: int) -> tuple[str, ...]:
    from analytics import social

    return social.sources(resources.reader_of(generation), viewer)


def posts(filters: Filters) -> tuple[Post, ...]:
    """The posts of the period that moved most people."""
    return _posts(filters, resources.viewer(), *data.stamp())


@kept(MOST)
def _posts(filters: Filters, viewer: Viewer, place: str, generation: int) -> tuple[Post, ...]:
    from analytics import social

    reader, settings = resources.reader_of(generation), resources.settings()
    return masking.shown(social.posts(reader, filters, settings=settings, viewer=viewer))
