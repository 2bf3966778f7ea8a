"""Calendars and SLA targets that people save on Settings: `hours.toml` of the home, written by the program.

While the file is there, its tables stand in the place of `[[calendars]]` and `[[sla]]` of settings.toml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any

from pydantic import ValidationError, model_validator

from core.errors import ConfigError
from core.home import Home
from core.opening_hours import OneStartEach
from core.section import Section
from core.service_levels import with_known_calendars
from core.settings import Calendar, Settings, Sla
from core.validation import problems
from core.written import one_writer, replace_file, tables_toml

_FIRST_LINE = "Written by the program: calendars and SLA targets as they were saved on Settings."
Table = Mapping[str, Any]


class Goals(Section):
    """Calendars and the targets that count in their hours."""

    calendars: Annotated[tuple[Calendar, ...], OneStartEach] = ()
    sla: tuple[Sla, ...] = ()

    @model_validator(mode="after")
    def _known_calendars(self) -> Goals:
        return with_known_calendars(self)


def in_force(settings: Settings) -> Goals:
    """Those of the settings, which are valid."""
    return Goals.model_construct(calendars=settings.calendars, sla=settings.sla)


def proposed(calendars: Sequence[Table], sla: Sequence[Table]) -> Goals:
    """Tables as somebody wrote them. Raises ConfigError that names the table and what was expected."""
    try:
        return Goals.model_validate({"calendars": calendars, "sla": sla})
    except ValidationError as error:
        raise ConfigError(f"this cannot be saved: {problems(error)}.") from None


def is_saved(home: Home) -> bool:
    """Whether somebody has saved some here."""
    return home.hours_file.is_file()


def save(home: Home, goals: Goals) -> None:
    """Put them in the place of those in settings.toml. Raises ConfigError."""
    tables = goals.model_dump(mode="json", exclude_defaults=True)
    told = {name: tables.get(name, []) for name in ("calendars", "sla")}
    with one_writer(home):
        replace_file(home.hours_file, tables_toml(told, _FIRST_LINE))


def withdraw(home: Home) -> None:
    """Let those of settings.toml count again."""
    with one_writer(home), suppress(FileNotFoundError):
        home.hours_file.unlink()
