"""Zendesk's objects with all their documented fields. `**fields` replaces what a test wants to be otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
ROOT = "https://acme.zendesk.com/api/v2"


def iso(moment: datetime) -> str:
    """An instant as the API writes it: whole seconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _stamps(at: datetime) -> Row:
    return {"created_at": iso(at), "updated_at": iso(at)}


def user(number: Any, at: datetime, **fields: Any) -> Row:
    return {
        "id": number, "url": f"{ROOT}/users/{number}.json", "name": f"Person {number}",
        "email": f"person{number}@example.org", "role": "end-user", "role_type": None, "custom_role_id": None,
        "active": True, "suspended": False, "verified": True, "alias": "", "chat_only": False,
        "default_group_id": None, "details": "", "external_id": None, "iana_time_zone": "Europe/London",
        "time_zone": "London", "last_active": iso(at), "last_login_at": iso(at), "locale": "en-GB", "locale_id": 1,
        "moderator": False, "notes": "", "only_private_comments": False, "organization_id": None, "phone": None,
        "photo": None, "report_csv": False, "restricted_agent": True, "shared": False, "shared_agent": False,
        "shared_phone_number": None, "signature": None, "tags": [], "ticket_restriction": "requested",
        "two_factor_auth_enabled": None, "user_fields": {}, **_stamps(at),
    } | fields  # fmt: skip


def organization(number: Any, at: datetime, **fields: Any) -> Row:
    return {
        "id": number, "url": f"{ROOT}/organizations/{number}.json", "name": f"Organization {number}",
        "domain_names": [], "details": "", "external_id": None, "group_id": None, "notes": "",
        "organization_fields": {}, "shared_comments": False, "shared_tickets": False, "tags": [],
        "deleted_at": None, **_stamps(at),
    } | fields  # fmt: skip


def group(number: Any, at: datetime, **fields: Any) -> Row:
    return {
        "id": number, "url": f"{ROOT}/groups/{number}.json", "name": f"Group {number}", "description": "",
        "default": False, "deleted": False, "is_public": True, **_stamps(at),
    } | fields  # fmt: skip


def membership(number: Any, at: datetime, **fields: Any) -> Row:
    return {
        "id": number, "url": f"{ROOT}/group_memberships/{number}.json", "user_id": None, "group_id": None,
        "default": True, **_stamps(at),
    } | fields  # fmt: skip


def ticket(number: Any, at: datetime, **fields: Any) -> Row:
    return {
        "url": f"{ROOT}/tickets/{number}.json", "id": number, "external_id": None,
        "via": {"channel": "web", "source": {"from": {}, "to": {}, "rel": None}},
        **_stamps(at), "generated_timestamp": int(at.timestamp()), "type": "incident", "subject": f"Ticket {number}",
        "raw_subject": f"Ticket {number}", "description": "", "priority": None, "status": "new", "recipient": None,
        "requester_id": None, "submitter_id": None, "assignee_id": None, "organization_id": None, "group_id": None,
        "collaborator_ids": [], "follower_ids": [], "email_cc_ids": [], "forum_topic_id": None, "problem_id": None,
        "has_incidents": False, "is_public": True, "due_at": None, "tags": [], "custom_fields": [], "fields": [],
        "satisfaction_rating": None, "sharing_agreement_ids": [], "custom_status_id": None, "followup_ids": [],
        "ticket_form_id": None, "brand_id": None, "allow_channelback": False, "allow_attachments": True,
        "from_messaging_channel": False, "encoded_id": f"A{number}-B{number}",
    } | fields  # fmt: skip


def metric_set(number: Any, ticket_id: Any, at: datetime, **fields: Any) -> Row:
    both = {"calendar": None, "business": None}
    times = (
        "reply_time", "first_resolution_time", "full_resolution_time", "agent_wait_time", "requester_wait_time",
        "on_hold_time",
    )  # fmt: skip
    return {
        "url": f"{ROOT}/ticket_metrics/{number}.json", "id": number, "ticket_id": ticket_id, "group_stations": 1,
        "assignee_stations": 1, "reopens": 0, "replies": 0, "assignee_updated_at": None,
        "requester_updated_at": iso(at), "status_updated_at": iso(at), "initially_assigned_at": None,
        "assigned_at": None, "solved_at": None, "latest_comment_added_at": iso(at),
        "custom_status_updated_at": iso(at), **{f"{name}_in_minutes": dict(both) for name in times}, **_stamps(at),
    } | fields  # fmt: skip


def attachment(number: Any, **fields: Any) -> Row:
    return {
        "id": number, "url": f"{ROOT}/attachments/{number}.json", "file_name": "crash.log",
        "content_url": f"https://acme.zendesk.com/attachments/token/{number}/?name=crash.log",
        "mapped_content_url": f"https://acme.zendesk.com/attachments/token/{number}/?name=crash.log",
        "content_type": "text/plain", "size": 2532, "inline": False, "deleted": False, "width": None,
        "height": None, "malware_access_override": False, "malware_scan_result": "malware_not_found",
        "thumbnails": [],
    } | fields  # fmt: skip


def comment(number: Any, at: datetime, **fields: Any) -> Row:
    body = str(fields.get("body", ""))
    return {
        "id": number, "type": "Comment", "author_id": None, "body": body,
        "html_body": f'<div class="zd-comment" dir="auto">{body}</div>', "plain_body": body, "public": True,
        "attachments": [], "audit_id": None, "created_at": iso(at),
        "via": {"channel": "web", "source": {"from": {}, "to": {}, "rel": None}},
        "metadata": {
            "system": {"client": "Mozilla/5.0", "ip_address": "203.0.113.7", "location": "Melbourne, Australia",
                       "latitude": -37.8, "longitude": 144.9},
            "custom": {},
        },
    } | fields  # fmt: skip


def ticket_field(number: Any, at: datetime, **fields: Any) -> Row:
    title = fields.get("title", f"Field {number}")
    return {
        "id": number, "url": f"{ROOT}/ticket_fields/{number}.json", "type": "text", "title": title,
        "raw_title": title, "description": "", "raw_description": "", "position": 1, "active": True,
        "required": False, "collapsed_for_agents": False, "regexp_for_validation": None, "title_in_portal": title,
        "raw_title_in_portal": title, "visible_in_portal": False, "editable_in_portal": False,
        "required_in_portal": False, "agent_can_edit": True, "tag": None, "removable": True,
        "agent_description": None, "creator_user_id": None, "creator_app_name": None, "key": None,
        "custom_field_options": [], "sub_type_id": None, **_stamps(at),
    } | fields  # fmt: skip


def custom_status(number: Any, at: datetime, **fields: Any) -> Row:
    label = fields.get("agent_label", "Open")
    return {
        "id": number, "status_category": "open", "agent_label": label, "raw_agent_label": label,
        "end_user_label": label, "raw_end_user_label": label, "description": "", "raw_description": "",
        "end_user_description": "", "raw_end_user_description": "", "active": True, "default": False, **_stamps(at),
    } | fields  # fmt: skip


def brand(number: Any, at: datetime, **fields: Any) -> Row:
    return {
        "id": number, "url": f"{ROOT}/brands/{number}.json", "name": f"Brand {number}", "subdomain": "acme",
        "brand_url": "https://acme.zendesk.com", "host_mapping": None, "has_help_center": True,
        "help_center_state": "enabled", "active": True, "default": True, "is_deleted": False, "logo": None,
        "signature_template": "{{agent.signature}}", "ticket_form_ids": [], **_stamps(at),
    } | fields  # fmt: skip


def ticket_form(number: Any, at: datetime, **fields: Any) -> Row:
    name = fields.get("name", f"Form {number}")
    return {
        "id": number, "url": f"{ROOT}/ticket_forms/{number}.json", "name": name, "raw_name": name,
        "display_name": name, "raw_display_name": name, "end_user_visible": True, "position": 1, "active": True,
        "default": True, "in_all_brands": True, "restricted_brand_ids": [], "ticket_field_ids": [],
        "agent_conditions": [], "end_user_conditions": [], **_stamps(at),
    } | fields  # fmt: skip


def sla_policy(number: Any, at: datetime, **fields: Any) -> Row:
    return {
        "id": number, "url": f"{ROOT}/slas/policies/{number}.json", "title": f"Policy {number}", "description": "",
        "position": 1, "filter": {"all": [], "any": []}, "policy_metrics": [], "metric_settings": {}, **_stamps(at),
    } | fields  # fmt: skip


def schedule(number: Any, at: datetime, **fields: Any) -> Row:
    return {
        "id": number,
        "name": f"Hours {number}",
        "time_zone": "London",
        "intervals": [],
        **_stamps(at),
    } | fields


def rating(number: Any, at: datetime, **fields: Any) -> Row:
    return {
        "id": number, "url": f"{ROOT}/satisfaction_ratings/{number}.json", "ticket_id": None, "requester_id": None,
        "assignee_id": None, "group_id": None, "score": "offered", "comment": None, "reason": None,
        "reason_id": None, "reason_code": None, **_stamps(at),
    } | fields  # fmt: skip


def survey_response(name: str, ticket_id: Any, at: datetime, **fields: Any) -> Row:
    return {
        "id": name, "answers": [], "expires_at": iso(at), "responder_id": None,
        "subject_zrns": [f"zen:ticket:{ticket_id}"],
        "subjects": [{"id": str(ticket_id), "type": "ticket", "zrn": f"zen:ticket:{ticket_id}"}],
        "survey": {"id": "01J58KJ9RAE0D2EK7HRVM7Z8F2", "state": "enabled", "version": 3},
    } | fields  # fmt: skip


def answer(kind: str, at: datetime, question: Row, **fields: Any) -> Row:
    return {"type": kind, "question": question, **_stamps(at)} | fields


def log_entry(name: str, at: datetime, **fields: Any) -> Row:
    return {
        "id": name, "type": "Messaging::ConversationMessage", "attachments": [],
        "author": {"type": "user", "display_name": "Visitor", "zen:sunco:user_id": "a21a91fd1234a",
                   "zen:support:user_id": -1, "avatar_url": None},
        "content": {"type": "text", "text": ""}, "created_at": iso(at), "received_at": iso(at),
        "metadata": {"custom": {}, "system": {}, "ticket_version": 0},
        "reference": f"zen:sunco:conversation_message:{name.lower()}", "source": {"type": "zd:webWidget"},
    } | fields  # fmt: skip


_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(at: datetime, number: int) -> str:
    """An id whose first ten letters are the milliseconds of an instant."""
    value, letters = round(at.timestamp() * 1000), ""
    for _ in range(10):
        value, rest = divmod(value, 32)
        letters = _BASE32[rest] + letters
    tail = ""
    for _ in range(16):
        number, rest = divmod(number, 32)
        tail = _BASE32[rest] + tail
    return letters + tail
