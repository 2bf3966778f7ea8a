"""Zendesk Support: tickets, comments, people, ratings and the account's own targets and hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, ClassVar

from connectors._zendesk_api import ADMINISTRATOR, Api
from connectors._zendesk_config import ZendeskConfig
from connectors._zendesk_export import LATEST_START_S, VERSION
from connectors._zendesk_reader import Reader
from connectors.base import CheckResult, Config, Connector, ReadContext, Stream
from core.errors import AppError, AuthError, PermissionRefused, SourceNotFound
from core.stream import Item

# Stream, a cheap request that shows whether it can be read, whether a plan may lack it, what it gives.
_STREAMS: tuple[tuple[str, str, bool, str], ...] = (
    ("tickets", "incremental/tickets/cursor.json", False, "conversations, tags, Zendesk's own times"),
    ("ticket_events", "incremental/ticket_events.json", False, "messages, attachments, changes"),
    ("people", "incremental/users/cursor.json", False, "people, roles"),
    ("organizations", "incremental/organizations.json", True, "organizations"),
    ("groups", "groups", True, "teams"),
    ("group_memberships", "group_memberships", True, "team members"),
    ("ticket_fields", "ticket_fields", True, "titles of custom fields"),
    ("custom_statuses", "custom_statuses", True, "names of statuses"),
    ("brands", "brands", True, "names of brands"),
    ("ticket_forms", "ticket_forms", True, "names of forms"),
    ("satisfaction_ratings", "satisfaction_ratings", True, "ratings (the older feature)"),
    ("survey_responses", "guide/survey_responses", True, "ratings (CSAT surveys)"),
    ("sla_policies", "slas/policies.json", True, "targets"),
    ("ticket_metric_events", "incremental/ticket_metric_events.json", True, "applied targets"),
    ("schedules", "business_hours/schedules.json", True, "business hours and holidays"),
)
_KINDS = frozenset({"zendesk_cursor", "zendesk_time", "zendesk_list"})


class Zendesk(Connector):
    """One Zendesk account, read by its export API."""

    kind: ClassVar[str] = "zendesk"
    title: ClassVar[str] = "Zendesk"
    Config: ClassVar[type[Config]] = ZendeskConfig
    config: ZendeskConfig

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        """One small request for each stream. Never raises for a bad source; says so."""
        try:
            api = Api(self.config, context)
        except AppError as error:
            return [CheckResult(self.name, "error", error.message, error.code, error.hint)]
        results: list[CheckResult] = []
        with closing(api):
            for stream, path, optional, _ in self._wanted():
                result = self._tried(api, stream, path, optional)
                results.append(result)
                if result.code == AuthError.code:
                    break  # the others would say the same
        return results

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        """What an account offers; whether this one may read it, `check` says."""
        return [Stream(name, note=gives) for name, _, _, gives in self._wanted()]

    def read(self, context: ReadContext) -> Iterator[Item]:
        """Rows since the state. Raises ConnectorError."""
        with closing(Api(self.config, context)) as api:
            yield from Reader(api).read()

    def migrate_state(
        self, stream: str, kind: str, version: int, cursor: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Places of this version are kept; any other kind (a date of ours, for example) is read anew."""
        return cursor if kind in _KINDS and version == VERSION else None

    def _wanted(self) -> Iterator[tuple[str, str, bool, str]]:
        for entry in _STREAMS:
            if getattr(self.config, entry[0], True):
                yield entry

    def _tried(self, api: Api, stream: str, path: str, optional: bool) -> CheckResult:
        asked: dict[str, Any] = {"page[size]": 1}
        if path.startswith("incremental/"):
            asked = {"start_time": api.now() - LATEST_START_S, "per_page": 1}
        try:
            api.once(path, asked)
        except (PermissionRefused, SourceNotFound) as error:
            if optional:
                return CheckResult(stream, "optional_missing", f"{error.message} It is left out.", error.code)
            return CheckResult(stream, "denied", error.message, error.code, ADMINISTRATOR)
        except AppError as error:
            refused = isinstance(error, AuthError)
            return CheckResult(
                stream, "denied" if refused else "error", error.message, error.code, error.hint
            )
        return CheckResult(stream, "ok")
