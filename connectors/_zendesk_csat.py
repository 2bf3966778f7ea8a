"""Ratings: the older satisfaction feature and answers to CSAT surveys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors._zendesk_table import instant, micros, native_id, text

Row = dict[str, Any]
_SCORES = {"good": 1.0, "bad": 0.0}
_CATEGORIES = {"bad": 0.0, "neutral": 0.5, "good": 1.0}
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TIME_LETTERS = 10


def rating_rows(ratings: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Satisfaction ratings. An offer without an answer has no score; one that was never sent is no row."""
    return [_rating(row) for row in ratings if row.get("score") != "unoffered"]


def _rating(row: Mapping[str, Any]) -> Row:
    native = str(row.get("score") or "")
    score = _SCORES.get(native)
    return {
        "csat_id": native_id(row.get("id")), "conversation_id": native_id(row.get("ticket_id")),
        "person_id": native_id(row.get("requester_id")), "agent_id": native_id(row.get("assignee_id")),
        "team_id": native_id(row.get("group_id")), "score": score, "native_score": native, "scale": "good or bad",
        "comment": text(row.get("comment")), "reason": text(row.get("reason")),
        "offered_at": instant(row.get("created_at")) if score is None else None,
        "rated_at": None if score is None else instant(row.get("updated_at")),
        "updated_at": instant(row.get("updated_at")), "source_version": micros(row.get("updated_at")),
    }  # fmt: skip


def survey_rows(responses: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Survey responses that belong to a ticket; an offer nobody answered has no score."""
    return [row for row in map(_survey, responses) if row["conversation_id"] is not None]


def _survey(response: Mapping[str, Any]) -> Row:
    answers = [one for one in response.get("answers") or [] if one.get("type") != "skipped"]
    rating: Row = next((one for one in answers if _is_satisfaction(one)), {})
    times = [moment for one in answers if (moment := instant(one.get("updated_at")))]
    offered, last = ulid_time(response.get("id")), max(times, default=None)
    score, scale = _score(rating)
    words = [str(one["value"]) for one in answers if one.get("type") == "open_ended" and one.get("value")]
    return {
        "csat_id": native_id(response.get("id")), "conversation_id": _ticket(response),
        "person_id": native_id(response.get("responder_id")), "score": score,
        "native_score": native_id(rating.get("rating")), "scale": scale,
        "comment": text("\n".join(words)) or None, "reason": text("; ".join(_reasons(answers))) or None,
        "offered_at": offered, "rated_at": instant(rating.get("updated_at") or rating.get("created_at")),
        "updated_at": last or offered, "source_version": micros(last or offered),
    }  # fmt: skip


def _is_satisfaction(answer: Mapping[str, Any]) -> bool:
    question = answer.get("question") or {}
    return answer.get("type") == "rating_scale" and question.get("sub_type") != "other"


def _ticket(response: Mapping[str, Any]) -> str | None:
    for subject in response.get("subjects") or []:
        if subject.get("type") == "ticket":
            return native_id(subject.get("id"))
    for name in response.get("subject_zrns") or []:
        kind, _, number = str(name).rpartition(":")
        if kind.endswith(":ticket"):
            return number
    return None


def _score(answer: Mapping[str, Any]) -> tuple[float | None, str | None]:
    """0 for the worst choice, 1 for the best; by the category where the choices are not told."""
    rating = answer.get("rating")
    if rating is None:
        return None, None
    question = answer.get("question") or {}
    kind = str(question.get("type") or "rating_scale").removeprefix("rating_scale_").replace("_", " ")
    choices = [int(one["rating"]) for one in question.get("options") or [] if one.get("rating") is not None]
    low, high = min(choices, default=0), max(choices, default=0)
    if low < high:
        return (int(rating) - low) / (high - low), f"{low} to {high}, {kind}"
    return _CATEGORIES.get(str(answer.get("rating_category"))), kind


def _reasons(answers: Iterable[Mapping[str, Any]]) -> list[str]:
    """Labels of the choices of closed questions, their ids where no label is told."""
    found = []
    for answer in (one for one in answers if one.get("type") == "closed_ended"):
        options = {
            o.get("id"): o.get("label") or {} for o in (answer.get("question") or {}).get("options") or []
        }
        for choice in answer.get("selections") or []:
            label = options.get(choice.get("option_id")) or {}
            found.append(str(label.get("value") or label.get("key") or choice.get("option_id")))
    return found


def ulid_time(name: Any) -> datetime | None:
    """When an id like 01J1WB51MG6HXTYWE6Q0C93RNW was made: its first ten letters are milliseconds."""
    letters = str(name or "").upper()
    if len(letters) != 26 or any(letter not in _BASE32 for letter in letters):
        return None
    milliseconds = 0
    for letter in letters[:_TIME_LETTERS]:
        milliseconds = milliseconds * 32 + _BASE32.index(letter)
    return instant(milliseconds / 1000)
