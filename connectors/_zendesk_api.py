"""Zendesk's API as generators: each yields what there is to show while waiting and returns the data."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from datetime import datetime
from typing import Any

from connectors._http import TOO_MUCH, Answer, HttpSession
from connectors._retry import attempts
from connectors._zendesk_config import ZendeskConfig
from connectors.base import ReadContext
from core import clock
from core.errors import NoProgress, SourceDataError, SourceUnavailable
from core.stream import Waiting

Row = dict[str, Any]
LIST_PAGE = 100  # the most that cursor-paged lists give
SMALLEST_PAGE = 10
TRIES = 8  # without a hint from the server their waits together outlast a limit per minute
ADMINISTRATOR = "Exports need an administrator; an OAuth token needs the global read scope."


def refusal_words(answer: Answer) -> str:
    """What a refusal says: `error` may be a word or an object, the survey endpoints list `errors`."""
    try:
        body = json.loads(answer.body[:20_000])
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    error = body.get("error", "")
    if isinstance(error, dict):
        error = error.get("message") or error.get("title") or ""
    listed = body.get("errors")
    if isinstance(listed, list) and listed and isinstance(listed[0], dict):
        error = listed[0].get("title") or listed[0].get("code") or ""
    description = body.get("description")
    words = [str(part) for part in (error, description) if part]
    return " ".join(" - ".join(words).split())[:300].rstrip(".")


class Api:
    """One account's API, read only."""

    def __init__(self, config: ZendeskConfig, context: ReadContext) -> None:
        self.config, self.context = config, context
        self.page_size = config.page_size
        self.seen_at: datetime | None = None  # the server's clock at its last answer
        self.http = HttpSession(
            f"{config.address(context.source_id)}/api/v2",
            context,
            headers={"Authorization": config.authorization(), "User-Agent": "Supportlens"},
            timeout_s=config.timeout_s,
            explain=refusal_words,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self.http.close()

    def now(self) -> int:
        """The server's time in Unix seconds; ours until it has answered once."""
        return int((self.seen_at or clock.now()).timestamp())

    def once(self, path: str, params: Mapping[str, Any] | None = None) -> Row:
        """One request without another try."""
        data, answer = self.http.json(path, params)
        self.seen_at = answer.sent_at or self.seen_at
        if not isinstance(data, dict):
            raise SourceDataError(
                f"{path} did not answer with an object.",
                hint="Check that the address is a Zendesk account.",
                source=self.context.source_id,
            )
        return data

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Generator[Waiting, None, Row]:
        """One answer, asked for again while the server fails or throttles."""
        return (yield from attempts(lambda: self.once(path, params), self.context, tries=TRIES))

    def export(self, path: str, params: Mapping[str, Any]) -> Generator[Waiting, None, Row]:
        """One page of an export; a page that is too much for the server is asked for in halves."""

        def page() -> Row:
            try:
                return self.once(path, {**params, "per_page": self.page_size})
            except SourceUnavailable:
                if self.http.last_status in TOO_MUCH:
                    self.page_size = max(SMALLEST_PAGE, self.page_size // 2)
                raise

        return (yield from attempts(page, self.context, tries=TRIES))

    def list_page(
        self, path: str, params: Mapping[str, Any], after: str | None
    ) -> Generator[Waiting, None, tuple[Row, str | None]]:
        """One page of a list and the cursor of the next one (None at the end). Raises NoProgress."""
        asked = {**params, "page[size]": LIST_PAGE} | ({"page[after]": after} if after else {})
        data = yield from self.get(path, asked)
        meta = data.get("meta")
        if not isinstance(meta, dict) or not meta.get("has_more"):
            return data, None
        following = meta.get("after_cursor")
        if not following or following == after:
            raise self.stuck(path)
        return data, str(following)

    def whole_list(
        self, path: str, key: str, params: Mapping[str, Any] | None = None
    ) -> Generator[Waiting, None, list[Row]]:
        """All rows of a list that is short enough to be held."""
        rows: list[Row] = []
        after: str | None = None
        while True:
            data, after = yield from self.list_page(path, params or {}, after)
            rows += rows_of(data, key)
            if after is None:
                return rows

    def stuck(self, path: str) -> NoProgress:
        """The error of a list that says there is more and does not move."""
        return NoProgress(
            f"{path} says that there is more and gives the same place again.",
            hint="Nothing was lost: the next refresh goes on from the last saved place. "
            "If it stays so, ask Zendesk's support about this export.",
            source=self.context.source_id,
        )


def rows_of(data: Mapping[str, Any], key: str) -> list[Row]:
    """The objects under a key of an answer; an absent key means none."""
    found = data.get(key)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
