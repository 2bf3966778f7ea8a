"""What goes with an outcome, cached like everything in `ui.data`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.filters import Filters
from core.viewer import Viewer
from ui import data, resources
from ui.caching import kept

if TYPE_CHECKING:
    from analytics.drivers import DriverReport


def outcomes() -> dict[str, str]:
    """The title of each outcome by its name."""
    from analytics.outcomes import OUTCOMES

    return {name: one.title for name, one in OUTCOMES.items()}


def drivers(outcome: str, filters: Filters) -> DriverReport:
    """The drivers of an outcome in the filters' period. Raises QuestionError."""
    return _drivers(outcome, filters, resources.viewer(), *data.stamp())


@kept(40, ahead=True)
def _drivers(outcome: str, filters: Filters, viewer: Viewer, place: str, generation: int) -> DriverReport:
    from analytics.drivers import drivers as found

    return found(
        resources.reader_of(generation), outcome, filters, settings=resources.settings(), viewer=viewer
    )
