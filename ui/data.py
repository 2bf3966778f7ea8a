"""What several pages ask for. Results are cached here and in `data_*.py` alone, by `caching.kept`.

Every input is an argument, the last one the generation number. A function is a public one, which adds the workspace and
the generation, and a cached one below it. Failures are raised, never stored.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from core import clock
from core.filters import Filters, Grain, Period
from core.viewer import Viewer
from ui import masking, moment, resources, trail
from ui.caching import kept
from ui.freshness import Freshness, SourceState

if TYPE_CHECKING:
    from analytics.changes import ChangeReport
    from analytics.result import MetricResult
    from rag.index import IndexLag
    from store.queries import MatchReport

MOST_VALUES = 200  # of a dimension, offered in a list


def today() -> date:
    """Today in the reporting zone."""
    return clock.today(resources.settings().workspace.reporting_zone)


def auto_grain(period: Period) -> Grain:
    """A bucket width that suits a period."""
    from analytics import periods

    return periods.auto_grain(period)


def span() -> tuple[date, date]:
    """First day of the data, and the last full day that a quick period ends on."""
    from analytics import periods

    reader, settings = resources.reader(), resources.settings()
    end = periods.default_period(reader, settings).end
    return min(periods.first_day(reader, settings) or end, end), end


def metric(
    name: str,
    filters: Filters,
    *,
    compare: str | None = None,
    grain: Grain | None = None,
    by: tuple[str, ...] = (),
    detail: bool = False,
) -> MetricResult:
    """A metric of the catalogue over the filters, with `detail` how its values lie. Raises QuestionError."""
    return _metric(name, filters, compare, grain, by, detail, resources.viewer(), *stamp())


@kept(ahead=True)
def _metric(
    name: str, filters: Filters, compare: Any, grain: Grain | None, by: tuple[str, ...], detail: bool,
    viewer: Viewer, place: str, generation: int,
) -> MetricResult:  # fmt: skip
    from analytics.compute import compute

    return compute(
        resources.reader_of(generation), name, filters,
        settings=resources.settings(), viewer=viewer, grain=grain, by=by, compare=compare, detail=detail,
    )  # fmt: skip


def audited(name: str, filters: Filters) -> MetricResult:
    """A metric with everything that explains it: rules, how its values lie, variants, some conversations."""
    return _audited(name, filters, resources.viewer(), *stamp())


@kept(50, waiting="Opening the number …")
def _audited(name: str, filters: Filters, viewer: Viewer, place: str, generation: int) -> MetricResult:
    from analytics.audit import audited as opened
    from analytics.compute import compute

    reader, settings = resources.reader_of(generation), resources.settings()
    result = compute(reader, name, filters, settings=settings, viewer=viewer)
    result = opened(reader, result, settings=settings, viewer=viewer)
    return replace(result, audit=masking.shown(result.audit))


def changes(name: str, filters: Filters, compare: str) -> ChangeReport:
    """What moved a metric. Raises NotEnoughData when a period is empty."""
    return _changes(name, filters, compare, resources.viewer(), *stamp())


@kept(ahead=True)
def _changes(
    name: str, filters: Filters, compare: Any, viewer: Viewer, place: str, generation: int
) -> ChangeReport:
    from analytics.changes import what_changed

    reader, settings = resources.reader_of(generation), resources.settings()
    return what_changed(reader, name, filters, settings=settings, viewer=viewer, compare=compare)


def values(dimension: str, limit: int = MOST_VALUES) -> list[tuple[str, int]]:
    """What a dimension can be filtered by, most frequent first; 0 where a source tells what its field can be."""
    listed = _listed_fields().get(dimension)
    if listed is not None:
        return list(listed[1][:limit])
    return _values(dimension, limit, resources.viewer(), *stamp())


@kept(ahead=True)
def _values(dimension: str, limit: int, viewer: Viewer, place: str, generation: int) -> list[tuple[str, int]]:
    from analytics.dimensions import dimension_values

    return dimension_values(resources.reader_of(generation), dimension, viewer=viewer, limit=limit)


def attributes() -> dict[str, str]:
    """Attributes of customers that the data can be split and filtered by: name to title."""
    from analytics import dimensions

    return {d.name: d.title for d in dimensions.attributes(resources.reader(), resources.viewer())}


def custom_fields() -> dict[str, str]:
    """Fields of the sources' own that have a list of values: the dimension's name to its title."""
    return {name: title for name, (title, _) in _listed_fields().items()}


def every_field() -> dict[str, str]:
    """All fields of the sources' own, those of free text too: the dimension's name to its title."""
    return moment.held("every field", lambda: _every_field(_outline(), *stamp()))


def _listed_fields() -> dict[str, tuple[str, tuple[tuple[str, int], ...]]]:
    # Every list and chip asks for them.
    return moment.held("listed fields", lambda: _own_fields(_outline(), *stamp()))


def _outline() -> Viewer:
    """The viewer as far as it decides what is seen: people who see the same share what is found."""
    from store.visible import outline

    return outline(resources.viewer())


@kept(50, ahead=True)
def _own_fields(
    viewer: Viewer, place: str, generation: int
) -> dict[str, tuple[str, tuple[tuple[str, int], ...]]]:
    from analytics.dimensions import CUSTOM
    from store.own_fields import own_fields

    found = own_fields(resources.reader_of(generation), viewer=viewer)
    return {CUSTOM + field.key: (field.title, field.values) for field in found}


@kept(50, ahead=True)
def _every_field(viewer: Viewer, place: str, generation: int) -> dict[str, str]:
    from analytics.dimensions import CUSTOM
    from store.own_fields import known_fields

    found = known_fields(resources.reader_of(generation), viewer=viewer)
    return {CUSTOM + key: title for key, title in found.items()}


def match_report() -> MatchReport:
    """How many of those who asked are known to the sources of people, and who is not."""
    return _match_report(resources.viewer(), *stamp())


@kept(8, ahead=True)
def _match_report(viewer: Viewer, place: str, generation: int) -> MatchReport:
    from store.queries import match_report as report

    return report(resources.reader_of(generation), viewer)


def stamp() -> tuple[str, int]:
    """Which workspace under which settings, and the generation: the end of every key."""
    return resources.fingerprint(), resources.reader().number


def freshness() -> Freshness:
    """How old the numbers are, and how each source's last refresh went.

    The run log is read in every run of a page: a refresh that fails publishes nothing, so no generation tells of it.
    """
    return moment.held("freshness", _freshness)


def _freshness() -> Freshness:
    from store.runs import RunLog

    viewer, tells = resources.viewer(), trail.allows("refresh")  # an error may name hosts and files
    last: dict[str, Any] = {}
    for run in RunLog(resources.home()).recent(10):
        for part in run.sources:
            if part.finished_at is not None:
                last.setdefault(part.source_id, part)
    sources = tuple(
        SourceState(s.name, s.kind, ran.status if ran else "not read yet", (ran and tells and ran.error_message) or "",
                    ran.finished_at if ran else None)
        for s in resources.settings().sources if s.enabled and viewer.knows(s.name) for ran in [last.get(s.name)]
    )  # fmt: skip
    place, generation = stamp()
    published_at, until = _extent(place, generation)
    return Freshness(generation, published_at, until, sources)


@kept(8, ahead=True)
def _extent(place: str, generation: int) -> tuple[datetime, datetime | None]:
    from analytics import periods

    reader = resources.reader_of(generation)
    return reader.generation.published_at, periods.known_until(reader, resources.settings())


def source_rows() -> list[dict[str, Any]]:
    """What each source has brought, and what it cannot tell."""
    return _source_rows(resources.viewer(), *stamp())


@kept(8, ahead=True)
def _source_rows(viewer: Viewer, place: str, generation: int) -> list[dict[str, Any]]:
    from store import brought

    return brought.source_rows(resources.reader_of(generation), viewer=viewer)


def horizons() -> dict[str, datetime]:
    """Sources whose older history is still to come, with the instant (UTC) since when all of it is there."""
    return _horizons(resources.viewer(), *stamp())


@kept(8, ahead=True)
def _horizons(viewer: Viewer, place: str, generation: int) -> dict[str, datetime]:
    from store.horizon import loaded_back_to

    return loaded_back_to(resources.reader_of(generation), viewer=viewer)


@kept(1)
def source_kinds() -> list[dict[str, Any]]:
    """Every kind of source with the fields of its form. They change with the program only."""
    from ui.command import answer

    found: list[dict[str, Any]] = answer(resources.home(), ["sources", "schema"])["kinds"]
    return found


def rejects(limit: int = 500) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows set aside: counts by reason, and the newest `limit` of them."""
    return _rejects(limit, resources.viewer(), *stamp())


@kept(8)
def _rejects(
    limit: int, viewer: Viewer, place: str, generation: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    from store import brought, queries

    reader = resources.reader_of(generation)
    newest = queries.rejects(reader, viewer=viewer, limit=limit).to_pylist()
    return brought.reject_reasons(reader, viewer=viewer), newest


def index_lag() -> IndexLag:
    """How far the search index is behind this generation."""
    return _index_lag(resources.indexed(), *stamp())


@kept(8)
def _index_lag(written: int, place: str, generation: int) -> IndexLag:
    from rag.index import lag

    return lag(resources.home(), resources.reader_of(generation))
