"""The metrics there are: one file each in analytics/metrics, and those that the settings make of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from analytics.base import Metric
from core.errors import ConfigError, QuestionError
from core.filters import Filters
from core.registry import Registry
from core.settings import OwnMetric, Settings

METRICS: Registry[Metric] = Registry("metric", "analytics.metrics")


def add(metric: Metric) -> Metric:
    """Put a metric into the catalogue; called by its own file."""
    METRICS.add(metric.name, metric)
    return metric


def names(settings: Settings | None = None) -> list[str]:
    """The names of all metrics, those of the settings included."""
    return sorted({*METRICS.names(), *(own.name for own in (settings.metrics if settings else ()))})


def every(settings: Settings | None = None) -> list[Metric]:
    """All metrics by name, those of the settings included. Raises ConfigError for one that makes no sense."""
    return [find(name, settings) for name in names(settings)]


def find(name: str, settings: Settings | None = None) -> Metric:
    """The metric called `name`: of the catalogue, or of the settings when they are given.

    Raises QuestionError with the known names, ConfigError for one of the settings that makes no sense.
    """
    if name in METRICS.names():
        return METRICS.get(name)
    for own in settings.metrics if settings else ():
        if own.name == name:
            return _made(own)
    raise QuestionError(f"there is no metric called {name!r}.", hint=f"Known: {', '.join(names(settings))}.")


def check(settings: Settings) -> None:
    """Raise ConfigError where [[metrics]] take a name twice or make no sense."""
    seen = set(METRICS.names())
    for own in settings.metrics:
        if own.name in seen:
            raise _wrong(own, "there is a metric of that name already", "Choose another name.")
        seen.add(own.name)
        _made(own)


def _made(own: OwnMetric) -> Metric:
    """The metric that a table of the settings describes."""
    base, where = _base(own, own.metric), _filters(own, own.where)
    only = f" Only {_told(where)}." if where else ""
    made = replace(
        base, name=own.name, title=own.title, better=own.better or base.better, where=where, in_picker=True,
        words=tuple(dict.fromkeys((own.title.lower(), own.name.replace("_", " ")))), family=None,
        description=own.description or f"{base.description}{only}", source=f"settings, made of {own.metric}",
        population_text=f"{base.population_text}{only}",
    )  # fmt: skip
    if own.over is None:
        if own.over_where:
            raise _wrong(own, "over_where has nothing to filter", "Set over, or take over_where out.")
        return made
    other = _base(own, own.over)
    if base.kind != "count" or other.kind != "count":
        raise _wrong(
            own, "only counts can be divided", "Both metric and over must be counts, such as volume."
        )
    below = replace(other, where=_filters(own, own.over_where))
    divided = f"{base.title}{only.rstrip('.')} divided by {other.title.lower()}"
    suffix = f" only {_told(below.where)}" if below.where else ""
    return replace(
        made, over=below, unit="number", better=own.better or "neutral",
        description=own.description or f"{divided}{suffix}.",
        source=f"settings, made of {own.metric} over {own.over}",
        null_when=f"there is nothing to divide by: no {other.title.lower()}",
    )  # fmt: skip


def _base(own: OwnMetric, name: str) -> Metric:
    if name not in METRICS.names():
        raise _wrong(
            own, f"there is no metric {name!r}", f"Metrics of the catalogue: {', '.join(METRICS.names())}."
        )
    return METRICS.get(name)


def _filters(own: OwnMetric, where: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    from analytics import dimensions

    for name in where:
        try:
            dimensions.find(name)
        except QuestionError as error:
            raise _wrong(own, error.message.rstrip("."), error.hint) from None
    return Filters.of(where=where).where


def _told(where: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    return " and ".join(f"{name} {' or '.join(values)}" for name, values in where)


def _wrong(own: OwnMetric, reason: str, hint: str) -> ConfigError:
    return ConfigError(f"[[metrics]] {own.name}: {reason}.", hint=hint)
