"""How answers are cut into pages: cursor lists, numbered pages, exports by cursor and by time."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from tests.fakes.zendesk_shapes import Row

Query = Mapping[str, str]
MOST = 100  # rows of a list in one page
EXPORT_MOST = 1000
DEEPEST = 10_000  # rows that numbered pages reach
FRESH_S = 60  # what happened within the last minute is not exported yet


class Refusal(Exception):
    """An answer that is not a page."""

    def __init__(self, status: int, body: Row) -> None:
        super().__init__(status)
        self.status, self.body = status, body


def listed(rows: Sequence[Row], key: str, query: Query, url: str) -> Row:
    """A page of a list: by cursor when page[...] is asked for, else numbered."""
    if any(name.startswith("page[") for name in query):
        return _by_cursor(rows, key, query, url)
    return _numbered(rows, key, query, url)


def _by_cursor(rows: Sequence[Row], key: str, query: Query, url: str) -> Row:
    size = max(1, min(int(query.get("page[size]", MOST)), MOST))
    place = query.get("page[after]")
    start = _place(place) if place else 0
    if "page[before]" in query:
        start = max(0, _place(query["page[before]"]) - size)
    shown, more = rows[start : start + size], start + size < len(rows)
    after, before = _token(start + len(shown)), _token(start)
    following = url + "?" + urlencode({**query, "page[after]": after})
    earlier = {k: v for k, v in query.items() if k != "page[after]"} | {"page[before]": before}
    return {
        key: list(shown),
        "meta": {"has_more": more, "after_cursor": after if shown else None, "before_cursor": before if shown else None},
        "links": {"next": following if more else None, "prev": url + "?" + urlencode(earlier) if start else None},
    }  # fmt: skip


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"o": "id", "v": place}).encode()).decode()


def _place(token: str) -> int:
    try:
        return int(json.loads(base64.urlsafe_b64decode(token.encode()))["v"])
    except (ValueError, KeyError, TypeError):
        told = {"error": "InvalidPaginationParameter", "description": "Invalid cursor"}
        raise Refusal(400, told) from None


def _numbered(rows: Sequence[Row], key: str, query: Query, url: str) -> Row:
    size, page = max(1, min(int(query.get("per_page", MOST)), MOST)), max(1, int(query.get("page", 1)))
    if size * (page - 1) >= DEEPEST or page > MOST:
        told = "Invalid value for parameter page: beyond the first 100 pages use cursor pagination"
        raise Refusal(400, {"error": "InvalidValue", "description": told})
    start = size * (page - 1)

    def at(number: int) -> str:
        return url + "?" + urlencode({**query, "page": number})

    return {
        key: list(rows[start : start + size]), "count": len(rows),
        "next_page": at(page + 1) if start + size < len(rows) else None,
        "previous_page": at(page - 1) if page > 1 else None,
    }  # fmt: skip


def cursor_export(
    rows: Sequence[Row], key: str, query: Query, url: str, now: int, stamp: Callable[[Row], int], *, most: int
) -> Row:
    """An export by cursor: ordered by time and id, the last minute left out, the last cursor valid for ever."""
    start = _export_place(query, now)
    size = max(1, min(int(query.get("per_page", EXPORT_MOST)), most))
    open_rows = [row for row in rows if stamp(row) <= now - FRESH_S]
    later = sorted(
        (row for row in open_rows if (stamp(row), row["id"]) > start),
        key=lambda row: (stamp(row), row["id"]),
    )
    shown = later[:size]
    last = (stamp(shown[-1]), shown[-1]["id"]) if shown else start
    cursor = cursor_of(last)
    kept = {k: v for k, v in query.items() if k not in ("start_time", "cursor")}
    return {
        key: shown, "after_url": url + "?" + urlencode({**kept, "cursor": cursor}), "after_cursor": cursor,
        "before_url": None, "before_cursor": None, "end_of_stream": len(later) <= size,
    }  # fmt: skip


class _First:
    """Smaller than every id, of whatever type."""

    def __lt__(self, other: object) -> bool:
        return True

    def __gt__(self, other: object) -> bool:
        return False


def cursor_of(last: tuple[int, Any]) -> str:
    number = "" if isinstance(last[1], _First) else last[1]
    return base64.b64encode(f"{last[0]}.0||{number}|".encode()).decode()


def _export_place(query: Query, now: int) -> tuple[int, Any]:
    if "cursor" in query:
        try:
            text = base64.b64decode(query["cursor"].encode(), validate=True).decode()
            when, _, rest = text.partition("||")
            number = rest.split("|")[0]
            found: Any = _First() if number == "" else int(number) if number.isdigit() else number
            return int(float(when)), found
        except ValueError:
            raise Refusal(400, {"error": "InvalidValue", "description": "Invalid cursor"}) from None
    return start_time(query, now), _First()


def start_time(query: Query, now: int) -> int:
    """The Unix time an export starts at. The wording of the refusal is recalled, not documented [R]."""
    text = query.get("start_time", "")
    if not text.lstrip("-").isdigit():
        raise Refusal(400, {"error": "InvalidValue", "description": "Invalid start_time"})
    if int(text) > now - FRESH_S:
        told = "Too recent start_time. Use a start_time older than 60 seconds"
        raise Refusal(400, {"error": "InvalidValue", "description": told})
    return int(text)


def time_export(
    rows: Sequence[Row], key: str, query: Query, url: str, now: int, stamp: Callable[[Row], int], *, most: int
) -> Row:
    """An export by time: the start is inclusive, so that rows of the border second come twice."""
    start, size = start_time(query, now), max(1, min(int(query.get("per_page", EXPORT_MOST)), most))
    later = sorted(
        (row for row in rows if start <= stamp(row) <= now - FRESH_S), key=lambda row: (stamp(row), row["id"])
    )
    shown = later[:size]
    end = stamp(shown[-1]) if shown else start
    return {
        key: shown, "count": len(shown), "end_time": end, "end_of_stream": len(later) <= size,
        "next_page": url + "?" + urlencode({**query, "start_time": end}),
    }  # fmt: skip
