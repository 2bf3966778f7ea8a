"""What is known of those who ask: how many a customer list knows, by which rule, and who is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from core import numbers
from ui import data, door, resources, tables

if TYPE_CHECKING:
    from store.queries import MatchReport

HOW = "Customer lists, and daily numbers such as active customers, join by themselves: see docs/people.md."


def panel() -> None:
    """Match rate, attributes, daily numbers, copies, and the requesters that nobody knows."""
    if resources.generation() is None:
        st.caption("Nothing has been read yet.")
        return
    if not door.is_for_the_whole():
        return
    report = data.match_report()
    if not (report.sources or report.attributes or report.denominators or report.copies):
        st.caption(f"No source says anything about customers yet. {HOW}")
        return
    if report.attributes or report.sources:
        _known(report)
    _attributes(report)
    _daily(report)
    _copies(report)


def _known(report: MatchReport) -> None:
    share = "" if report.rate is None else f" ({numbers.percent(report.rate)})"
    st.markdown(f"**{_count(report.matched)} of {_count(report.requesters)} requesters are known**{share}.")
    rows = [
        {"List": s.source_id, "People": s.people, "Companies": s.organizations, "Requesters it knows": s.matched,
         "Recognised by": ", ".join(f"{rule}: {_count(n)}" for rule, n in s.by_rule.items())}
        for s in report.sources
    ]  # fmt: skip
    if rows:
        tables.plain(rows, alt="Customer lists and how many requesters each knows")
    if report.unmatched_total:
        with st.expander(f"{_count(report.unmatched_total)} requesters are not known"):
            tables.plain([_unknown(u) for u in report.unmatched], alt="Requesters that no list knows")


def _unknown(one: Any) -> dict[str, Any]:
    return {"Source": one.source_id, "Requester": tables.escaped(one.requester), "Why": one.reason,
            "Conversations": one.conversations, "For example": one.example}  # fmt: skip


def _attributes(report: MatchReport) -> None:
    rows = [
        {"Attribute": a.title, "Kind": a.kind, "Customers that have it": a.holders,
         "Values": a.distinct_values, "Filter": "yes" if a.is_dimension else f"no: {a.reason}"}
        for a in report.attributes
    ]  # fmt: skip
    if rows:
        tables.plain(rows, alt="Attributes of customers, and whether numbers can be split by them")


def _daily(report: MatchReport) -> None:
    for one in report.denominators:
        st.caption(
            f"{one.source_id}: **{tables.escaped(one.name)}** for {_count(one.days)} days, "
            f"{one.first_day:%-d %b %Y} to {one.last_day:%-d %b %Y}"
        )


def _copies(report: MatchReport) -> None:
    for one in report.copies:
        st.caption(
            f"{_count(one.conversations)} conversations of {one.source_id} are also in "
            f"{one.original_source_id} ({one.rule}) and are counted there only."
        )


def _count(number: int) -> str:
    return numbers.count(number, exact=True)
