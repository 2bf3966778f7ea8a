"""Which path answers with what."""

from __future__ import annotations

import operator
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.zendesk_paging import Refusal, cursor_export, listed, time_export
from tests.fakes.zendesk_shapes import Row

if TYPE_CHECKING:
    from tests.fakes.zendesk import Zendesk

NOT_FOUND: Row = {"error": "RecordNotFound", "description": "Not found"}
# Lists that need no more than their rows: path to (list, key).
_LISTS = {
    "users": "users", "organizations": "organizations", "groups": "groups",
    "group_memberships": "group_memberships", "ticket_fields": "ticket_fields",
    "custom_statuses": "custom_statuses", "brands": "brands", "ticket_forms": "ticket_forms",
    "slas/policies": "sla_policies", "satisfaction_ratings": "satisfaction_ratings",
    "guide/survey_responses": "survey_responses",
}  # fmt: skip
_SINGULAR = {
    "users": "user", "organizations": "organization", "groups": "group", "brands": "brand",
    "group_memberships": "group_membership", "ticket_fields": "ticket_field", "ticket_forms": "ticket_form",
    "custom_statuses": "custom_status", "satisfaction_ratings": "satisfaction_rating",
}  # fmt: skip
# Lists that clients of others ask for; this account has none of these objects. Path to key.
_NONE = {
    name: name.rpartition("/")[2]
    for name in (
        "macros automations triggers trigger_categories views custom_roles organization_memberships organization_fields "
        "user_fields organization_subscriptions deleted_tickets deleted_users suspended_tickets activities job_statuses "
        "satisfaction_reasons routing/attributes recipient_addresses sharing_agreements ticket_skips targets locales"
    ).split()
} | {"skips": "skips"}  # fmt: skip
# Lists that are never cut into cursor pages: they come whole, with a count.
_WHOLE = frozenset({"slas/policies", "custom_statuses"})


def answer(server: Zendesk, path: str, query: Mapping[str, str], url: str) -> Row:
    """The body of a GET. `path` comes without /api/v2 and without .json. Raises Refusal."""
    for pattern, route in _ROUTES:
        found = re.fullmatch(pattern, path)
        if found:
            return route(server, query, url, *found.groups())
    raise Refusal(404, {"error": "InvalidEndpoint", "description": "Not found"})


def _list(server: Zendesk, query: Mapping[str, str], url: str, path: str) -> Row:
    key = _LISTS[path]
    rows = _filtered(server, key, query)
    if path in _WHOLE:
        return {key: rows, "count": len(rows), "next_page": None, "previous_page": None}
    return listed(rows, key, query, url) | _sideloads(server, rows if key == "tickets" else [], query)


def _filtered(server: Zendesk, key: str, query: Mapping[str, str]) -> list[Row]:
    rows = list(server.account.lists[key])
    if key == "users" and (roles := [v for k, v in query.items() if k.startswith("role")]):
        wanted = {role for text in roles for role in text.split(",")}
        rows = [row for row in rows if row["role"] in wanted]
    if key == "satisfaction_ratings":
        start, end = int(query.get("start_time", 0)), int(query.get("end_time", 10**12))
        rows = [row for row in rows if start <= _seconds(row[server.rules.ratings_filter_by]) <= end]
        score = query.get("score")
        rows = [row for row in rows if score is None or row["score"] == score]
    if key == "survey_responses":
        start, end = (
            int(query.get("filter[created_at_start]", 0)),
            int(query.get("filter[created_at_end]", 10**15)),
        )
        rows = sorted((r for r in rows if start <= server.offered_ms(r) <= end), key=lambda r: str(r["id"]))
        tickets = query.get("filter[subject_zrns]")
        rows = [r for r in rows if not tickets or set(r["subject_zrns"]) & set(tickets.split(","))]
    return rows


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _one(server: Zendesk, query: Mapping[str, str], url: str, path: str, number: str) -> Row:
    for row in server.account.lists[_LISTS[path]]:
        if str(row["id"]) == number:
            return {_SINGULAR[path]: row}
    raise Refusal(404, NOT_FOUND)


def _ticket(server: Zendesk, number: str) -> Row:
    found = server.account.tickets.get(number) or server.account.tickets.get(
        int(number) if number.isdigit() else None
    )
    if found is None or found["status"] == "deleted":
        raise Refusal(404, NOT_FOUND)
    return found


def _tickets(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    rows = [row for row in server.account.tickets.values() if row["status"] != "deleted"]
    page = listed(rows, "tickets", query, url)
    page["tickets"] = _with_metrics(server, page["tickets"], query)
    return page | _sideloads(server, page["tickets"], query)


def _show_ticket(server: Zendesk, query: Mapping[str, str], url: str, number: str) -> Row:
    row = _ticket(server, number)
    return {"ticket": _with_metrics(server, [row], query)[0]} | _sideloads(server, [row], query)


def _comments(server: Zendesk, query: Mapping[str, str], url: str, number: str) -> Row:
    rows = server.account.comments[_ticket(server, number)["id"]]
    newest = query.get("sort") == "-created_at" or query.get("sort_order") == "desc"
    return listed(rows[::-1] if newest else rows, "comments", query, url)


def _audits(server: Zendesk, query: Mapping[str, str], url: str, number: str) -> Row:
    rows = server.account.audits[_ticket(server, number)["id"]]
    return listed([_audit(row) for row in rows], "audits", query, url)


def _audit(row: Row) -> Row:
    events = [event.get("comment", event) for event in row["events"]]
    return {k: v for k, v in row.items() if k != "timestamp"} | {"events": events}


def _metrics(server: Zendesk, query: Mapping[str, str], url: str, number: str) -> Row:
    return {"ticket_metric": server.account.metrics[_ticket(server, number)["id"]]}


def _all_metrics(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    return listed(list(server.account.metrics.values()), "ticket_metrics", query, url)


def _log(server: Zendesk, query: Mapping[str, str], url: str, number: str) -> Row:
    row = _ticket(server, number)
    entries = list(server.account.logs[row["id"]])
    for comment in server.account.comments[row["id"]]:
        entries.append(_log_comment(server, comment))
    newest = query.get("sort") == "-created_at"
    rows = sorted(entries, key=lambda entry: (entry["created_at"], entry["id"]), reverse=newest)
    return listed(rows, "events", query, url)


def _log_comment(server: Zendesk, comment: Row) -> Row:
    staff = {row["id"] for row in server.account.lists["users"] if row["role"] != "end-user"}
    kind = "agent" if comment["author_id"] in staff else "user"
    return {
        "id": f"01{comment['id']:024d}" if isinstance(comment["id"], int) else str(comment["id"]),
        "type": "Comment", "attachments": comment["attachments"],
        "author": {"type": kind, "display_name": "", "zen:support:user_id": comment["author_id"]},
        "content": {"type": "html", "body": comment["html_body"]}, "created_at": comment["created_at"],
        "metadata": {**comment["metadata"], "public": comment["public"], "ticket_version": 1},
        "reference": f"zen:ticket_event:{comment['id']}",
    }  # fmt: skip


def _export_tickets(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    rows = _exported_tickets(server, query)
    page = cursor_export(rows, "tickets", query, url, server.seconds(), _generated, most=server.rules.page)
    return _finished(server, page, query)


def _export_tickets_by_time(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    rows = _exported_tickets(server, query)
    page = time_export(rows, "tickets", query, url, server.seconds(), _generated, most=server.rules.page)
    return _finished(server, page, query)


def _exported_tickets(server: Zendesk, query: Mapping[str, str]) -> list[Row]:
    rows = server.account.tickets.values()
    return [r for r in rows if query.get("exclude_deleted") != "true" or r["status"] != "deleted"]


def _finished(server: Zendesk, page: Row, query: Mapping[str, str]) -> Row:
    if server.rules.doubled and page["tickets"]:
        page["tickets"] = [*page["tickets"], page["tickets"][0]]
    page["tickets"] = _with_metrics(server, page["tickets"], query)
    return page | _sideloads(server, page["tickets"], query)


def _export_users(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    rows = server.account.lists["users"]
    page = cursor_export(rows, "users", query, url, server.seconds(), _updated, most=server.rules.page)
    return page | {"count": len(page["users"])}


def _export_by_time(server: Zendesk, query: Mapping[str, str], url: str, name: str) -> Row:
    rows = server.account.metric_events if name == "ticket_metric_events" else server.account.lists[name]
    stamp = _timed if name == "ticket_metric_events" else _updated
    return time_export(rows, name, query, url, server.seconds(), stamp, most=server.rules.page)


def _export_events(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    rows = [row for audits in server.account.audits.values() for row in audits]
    page = time_export(rows, "ticket_events", query, url, server.seconds(), _timed, most=server.rules.page)
    full = "comment_events" in query.get("include", "")
    page["ticket_events"] = [_ticket_event(row, full=full) for row in page["ticket_events"]]
    return page


def _ticket_event(row: Row, *, full: bool) -> Row:
    return {
        "id": row["id"], "ticket_id": row["ticket_id"], "timestamp": row["timestamp"],
        "created_at": row["created_at"], "updater_id": row["author_id"], "via": _via_words(row["via"]),
        "via_reference_id": None, "system": row["metadata"]["system"], "metadata": {}, "event_type": "Audit",
        "child_events": [_child(event, full=full) for event in row["events"]],
    }  # fmt: skip


def _via_words(via: Any) -> str:
    channel = via.get("channel", "web") if isinstance(via, Mapping) else str(via)
    return {"web": "Web form", "email": "Mail", "rule": "Rule", "api": "Web service"}.get(channel, channel)


def _child(event: Row, *, full: bool) -> Row:
    if "comment" in event:
        said = event["comment"]
        if not full:
            told = {"comment_present": True, "comment_public": said["public"]}
            return {"id": event["id"], "event_type": "Comment", "via": _via_words(said["via"]), **told}
        sent = {k: v for k, v in said.items() if k not in ("plain_body", "metadata")}
        return {**sent, "event_type": said["type"], "via_reference_id": None}
    if event["type"] in ("Change", "Create"):  # the changed field is a key of the child event [R]
        told = {"id": event["id"], "event_type": event["type"], "via": "Rule", "via_reference_id": None}
        told[event["field_name"]] = event["value"]
        return told | ({"previous_value": event["previous_value"]} if event["type"] == "Change" else {})
    return {**{k: v for k, v in event.items() if k != "type"}, "event_type": event["type"], "via": "Rule"}


def _with_metrics(server: Zendesk, rows: Iterable[Row], query: Mapping[str, str]) -> list[Row]:
    if "metric_sets" not in query.get("include", "").split(","):
        return list(rows)
    return [{**row, "metric_set": server.account.metrics[row["id"]]} for row in rows]


def _sideloads(server: Zendesk, tickets: Iterable[Row], query: Mapping[str, str]) -> Row:
    wanted, rows = query.get("include", "").split(","), list(tickets)
    people = {row[name] for row in rows for name in ("requester_id", "submitter_id", "assignee_id")}
    people |= {person for row in rows for person in row["collaborator_ids"]}
    ids = {
        "users": people, "groups": {row["group_id"] for row in rows},
        "organizations": {row["organization_id"] for row in rows},
    }  # fmt: skip
    return {
        name: [row for row in server.account.lists[name] if row["id"] in found]
        for name, found in ids.items() if name in wanted
    }  # fmt: skip


def _generated(row: Row) -> int:
    return int(row["generated_timestamp"])


def _updated(row: Row) -> int:
    return _seconds(row["updated_at"])


def _timed(row: Row) -> int:
    return int(row["timestamp"]) if "timestamp" in row else _seconds(row["time"])


def _schedules(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    return {"schedules": server.account.lists["schedules"], "url": url}


def _holidays(server: Zendesk, query: Mapping[str, str], url: str, number: str) -> Row:
    found = [rows for key, rows in server.account.holidays.items() if str(key) == number]
    return {"holidays": found[0] if found else [], "url": url}


def _tags(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    counts: dict[str, int] = {}
    for row in server.account.tickets.values():
        for tag in row["tags"]:
            counts[tag] = counts.get(tag, 0) + 1
    rows = [
        {"name": tag, "count": n} for tag, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return listed(rows, "tags", query, url)


_TERM = re.compile(r"(type|created|updated|status|role|tags|priority)(:|<=|>=|<|>)(.+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ":": operator.eq, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip


def _search(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    """Words of the name or subject, type, dates, and a few fields; no more of the query language."""
    terms = shlex.split(query.get("query", "").lower())
    rows = [
        {**row, "result_type": "ticket"}
        for row in server.account.tickets.values()
        if row["status"] != "deleted"
    ]
    for kind in ("users", "organizations", "groups"):
        rows += [{**row, "result_type": kind[:-1]} for row in server.account.lists[kind]]
    found = [row for row in rows if all(_fits(row, term) for term in terms)]
    if query.get("sort_by") in ("created_at", "updated_at"):
        found.sort(key=lambda r: r[query["sort_by"]], reverse=query.get("sort_order") != "asc")
    return listed(found, "results", query, url) | {"facets": None}


def _fits(row: Row, term: str) -> bool:
    parts = _TERM.fullmatch(term)
    if parts is None:
        return term in str(row.get("subject") or row.get("name")).lower()
    name, sign, value = parts.groups()
    if name in ("created", "updated"):
        told = datetime.fromisoformat(row[f"{name}_at"])
        asked = datetime.fromisoformat(value.upper())
        asked = asked if asked.tzinfo else asked.replace(tzinfo=UTC)
        return told.date() == asked.date() if sign == ":" else _COMPARE[sign](told, asked)
    if name == "type":
        return bool(row["result_type"] == value)
    held = row.get(name)
    return value in held if isinstance(held, list) else str(held).lower() == value


def _none(server: Zendesk, query: Mapping[str, str], url: str, path: str) -> Row:
    return listed([], _NONE[path], query, url)


def _count(server: Zendesk, query: Mapping[str, str], url: str, path: str) -> Row:
    rows = server.account.tickets if path == "tickets" else server.account.lists[path]
    return {"count": {"value": len(rows), "refreshed_at": server.now().isoformat(timespec="seconds")}}


def _several(server: Zendesk, query: Mapping[str, str], url: str, path: str) -> Row:
    wanted = query.get("ids", "").split(",")
    rows = server.account.tickets.values() if path == "tickets" else server.account.lists[path]
    return listed([row for row in rows if str(row["id"]) in wanted], path, query, url)


def _all_audits(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    return listed(
        [_audit(row) for rows in server.account.audits.values() for row in rows], "audits", query, url
    )


def _settings(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    return {
        "settings": {
            "active_features": {"satisfaction_ratings": True, "user_tagging": True, "ticket_tagging": True},
            "tickets": {"comments_public_by_default": True, "tagging": True, "collaboration": True},
            "localization": {"locale_ids": [1]}, "api": {"accepted_api_agreement": True, "api_token_access": "true"},
            "limits": {"attachment_size": 52428800}, "statistics": {"forum": True},
            "users": {"tagging": True, "time_zone_selection": True}, "branding": {"header_color": "03363D"},
        }
    }  # fmt: skip


def _me(server: Zendesk, query: Mapping[str, str], url: str) -> Row:
    admins = [row for row in server.account.lists["users"] if row["role"] == "admin"]
    return {"user": admins[0] if admins else {"id": 1, "role": "admin", "name": "Admin"}}


Route = Callable[..., Row]
_ROUTES: tuple[tuple[str, Route], ...] = (
    (r"incremental/tickets/cursor", _export_tickets),
    (r"incremental/tickets", _export_tickets_by_time),
    (r"incremental/users/cursor", _export_users),
    (r"incremental/(users|organizations|ticket_metric_events)", _export_by_time),
    (r"incremental/ticket_events", _export_events),
    (r"users/me", _me),
    (r"(tickets|users|organizations)/count", _count), (r"(tickets|users|organizations)/show_many", _several),
    (r"ticket_audits", _all_audits), ("(" + "|".join(_NONE) + ")", _none),
    (r"(users|organizations|groups|group_memberships|ticket_fields|custom_statuses|brands|ticket_forms"
     r"|slas/policies|satisfaction_ratings|guide/survey_responses)", _list),
    (r"(users|organizations|groups|group_memberships|ticket_fields|custom_statuses|brands|ticket_forms"
     r"|satisfaction_ratings)/([^/]+)", _one),
    (r"tickets", _tickets), (r"tickets/([^/]+)", _show_ticket), (r"tickets/([^/]+)/comments", _comments),
    (r"tickets/([^/]+)/audits", _audits), (r"tickets/([^/]+)/metrics", _metrics),
    (r"tickets/([^/]+)/conversation_log", _log), (r"ticket_metrics", _all_metrics),
    (r"business_hours/schedules", _schedules), (r"business_hours/schedules/([^/]+)/holidays", _holidays),
    (r"tags", _tags), (r"search", _search), (r"account/settings", _settings),
)  # fmt: skip
