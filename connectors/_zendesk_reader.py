"""The order of a reading: the setup, people, the newest tickets with all they need, then what is older."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, time

from connectors._zendesk_api import Api, Row
from connectors._zendesk_csat import rating_rows, survey_rows
from connectors._zendesk_export import DAY_S, VERSION, Export, Marks, in_turn
from connectors._zendesk_lists import DatedList, place, rating_span, survey_span
from connectors._zendesk_rows import Staff, is_staff, person_row
from connectors._zendesk_settings import (
    Names,
    field_definitions,
    field_keys,
    labels,
    member_rows,
    organization_rows,
    schedule_rows,
    sla_rows,
    status_names,
    team_rows,
)  # fmt: skip
from connectors._zendesk_table import MICROSECONDS, batches, field_batch, instant, keys_seen, micros
from connectors._zendesk_targets import target_events
from connectors._zendesk_tickets import Tickets
from core.errors import ConnectorError, PermissionRefused, SourceDataError, SourceNotFound
from core.stream import Checkpoint, Item, Progress

logger = logging.getLogger(__name__)
STAFF_ROLES = {"role[]": ["agent", "admin"]}


class Reader:
    """One reading of one account."""

    def __init__(self, api: Api) -> None:
        self.api, self.config, self.context = api, api.config, api.context
        self.names, self.staff = Names(), Staff()
        self._missing: set[str] = set()  # lists that the account's plan does not have
        day = self.config.start_at
        self.start_at = int(datetime.combine(day, time(), UTC).timestamp()) if day else 0

    def read(self) -> Iterator[Item]:
        """Everything, in the order in which it is useful."""
        yield from self._setup()
        people = self._people()
        known = bool(people.marks.extra.get("complete"))
        if known:
            yield from people.forward()
        elif not self.staff.periods and not (yield from self._first_staff()):
            yield from self._completing(people)
            known = True
        parts = [] if known else [self._completing(people)]
        if self.config.organizations:
            organizations = self._organizations()
            done = bool(organizations.marks.extra.get("complete"))
            reading = organizations.forward() if done else self._completing(organizations)
            parts.append(self._optional("organizations", reading))
        yield from self._conversations(known, parts)

    def _conversations(self, people_known: bool, parts: list[Iterator[Item]]) -> Iterator[Item]:
        both = Tickets(self.api, self.names, self.staff, self.start_at, people_known, self.context.state)
        days, now = self.context.first_window_days, self.api.now()
        for export in (both.tickets, both.events):
            yield from self._windowed(export, now, days)
        older: list[Iterator[Item]] = [both.tickets.backward(), both.events.backward()]
        if self.config.ticket_metric_events:
            applied = target_events(self.api, self.context.state, self.start_at)
            if (yield from self._optional("SLA events", self._windowed(applied, now, days))):
                older.append(applied.backward())
        for ratings in self._ratings():
            yield from ratings.forward(now - days * DAY_S)
            older.append(ratings.backward())
        yield from in_turn([*older, *parts])

    def _windowed(self, export: Export, now: int, days: int) -> Iterator[Item]:
        """The recent part; all in one part where the server finds the window's beginning too recent."""
        if export.marks.recent is not None:
            yield from export.forward()
            return
        export.marks.begin(now, start_at=self.start_at, window_days=days)
        try:
            yield from export.forward()
        except SourceDataError as error:
            if export.marks.window is None or export.marks.at is not None:
                raise
            logger.warning("%s is read without a first window: %s", export.stream, error.message)
            export.marks = Marks(recent={"start_time": self.start_at})
            yield from export.forward()

    def _setup(self) -> Iterator[Item]:
        stored = place(self.context.state, "settings")
        fields = yield from self._list("ticket_fields", "ticket_fields")
        self.names.fields = field_keys(fields, stored.get("fields", {}))
        yield from field_batch(field_definitions(fields, self.names.fields))
        self.names.statuses = status_names((yield from self._list("custom_statuses", "custom_statuses")))
        self.names.brands = labels((yield from self._list("brands", "brands")))
        self.names.forms = labels((yield from self._list("ticket_forms", "ticket_forms")))
        groups = yield from self._list("groups", "groups")
        members = member_rows((yield from self._list("group_memberships", "group_memberships")))
        yield from batches({"teams": team_rows(groups), "team_members": members})
        yield Checkpoint("settings", {"fields": self.names.fields}, "zendesk_list", VERSION)
        if "group_memberships" not in self._missing:
            yield keys_seen("team_members", members)
        yield from self._targets_and_hours()

    def _targets_and_hours(self) -> Iterator[Item]:
        if self.config.sla_policies:
            policies = sla_rows((yield from self._list("slas/policies.json", "sla_policies")), self.names)
            yield from batches({"sla_policies": policies})
            if "slas/policies.json" not in self._missing:
                yield keys_seen("sla_policies", policies)
        if not self.config.schedules:
            return
        found = yield from self._list("business_hours/schedules.json", "schedules")
        holidays: dict[str, list[Row]] = {}
        for one in found:
            path = f"business_hours/schedules/{one.get('id')}/holidays.json"
            holidays[str(one.get("id"))] = yield from self._list(path, "holidays")
        rows, notes = schedule_rows(found, holidays)
        yield from notes
        yield from batches({"schedules": rows})
        if "business_hours/schedules.json" not in self._missing:
            yield keys_seen("schedules", rows)

    def _list(self, path: str, key: str) -> Generator[Item, None, list[Row]]:
        """A list that may be missing from the account's plan: then it is empty, and that is said."""
        try:
            return (yield from self.api.whole_list(path, key))
        except (PermissionRefused, SourceNotFound) as error:
            self._missing.add(path)
            yield _left_out(path, error)
            return []

    def _optional(self, words: str, reading: Iterator[Item]) -> Generator[Item, None, bool]:
        """A part that the plan or the role may not have. False where it is left out."""
        try:
            yield from reading
        except (PermissionRefused, SourceNotFound) as error:
            yield _left_out(words, error)
            return False
        return True

    def _people(self) -> Export:
        marks = Marks.read(self.context.state.get("people"))
        self.staff.periods = marks.extra.setdefault("staff", {})
        known_since = instant(marks.at) if marks.extra.get("complete") else None

        def take(data: Row, rows: list[Row]) -> Iterator[Item]:
            changes = [row for user in rows for row in self.staff.note(user, known_since)]
            yield from batches({"people": [person_row(user) for user in rows], "person_roles": changes})

        return Export(
            self.api,
            "people",
            "incremental/users/cursor.json",
            "users",
            "zendesk_cursor",
            marks,
            take,
            _updated,
        )

    def _first_staff(self) -> Generator[Item, None, bool]:
        """Who works here, before the first comment is read: the roles of comments depend on it.

        False where there is no such list: then everybody has to be read first.
        """
        try:
            users = yield from self.api.whole_list("users", "users", STAFF_ROLES)
        except (PermissionRefused, SourceNotFound):
            return False
        for user in users:
            if is_staff(user):
                self.staff.periods[str(user.get("id"))] = [[None, None]]
        return True

    def _organizations(self) -> Export:
        def take(data: Row, rows: list[Row]) -> Iterator[Item]:
            yield from batches({"organizations": organization_rows(rows)})

        marks = Marks.read(self.context.state.get("organizations"))
        path = "incremental/organizations.json"
        return Export(self.api, "organizations", path, "organizations", "zendesk_time", marks, take, _updated)

    def _completing(self, export: Export) -> Iterator[Item]:
        """The first reading of an export that has no window, page by page among the others."""
        yield from export.forward()
        export.marks.extra["complete"] = True
        yield export.checkpoint()

    def _ratings(self) -> Iterator[DatedList]:
        api, state = self.api, self.context.state
        if self.config.satisfaction_ratings:
            yield DatedList(
                api, "satisfaction_ratings", "satisfaction ratings", "satisfaction_ratings", "satisfaction_ratings",
                lambda rows: rating_rows(rows), rating_span, "updated_at", place(state, "satisfaction_ratings"),
                self.start_at,
            )  # fmt: skip
        if self.config.survey_responses:
            yield DatedList(
                api, "survey_responses", "CSAT survey responses", "guide/survey_responses", "survey_responses",
                lambda rows: survey_rows(rows), survey_span, "offered_at", place(state, "survey_responses"),
                self.start_at,
            )  # fmt: skip


def _left_out(words: str, error: ConnectorError) -> Progress:
    logger.warning("%s is left out: %s", words, error.message)
    return Progress(f"{words} is left out: {error.message}")


def _updated(row: Row) -> int | None:
    moment = micros(row.get("updated_at"))
    return None if moment is None else moment // MICROSECONDS
