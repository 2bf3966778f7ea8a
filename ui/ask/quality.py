"""How well questions are answered, week by week, each share with what it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import numbers
from ui import data_ask, tables, trail

if TYPE_CHECKING:
    from rag.quality import Week


def weekly() -> None:
    """One row a week; a sentence about the latest one first."""
    weeks = data_ask.quality()
    whose = "of everybody" if trail.allows("manage") else "of your own"
    if not weeks:
        st.caption("Nobody has asked anything in the last twelve weeks.")
        return
    st.markdown(_sentence(weeks[0]))
    tables.plain(
        [_row(week) for week in weeks], alt=f"How questions were answered in {len(weeks)} weeks",
        column_config={"Week of": st.column_config.DateColumn(format="D MMM YYYY")},
    )  # fmt: skip
    st.caption(
        f"Questions {whose}. Grounded: sentences that passed every check, of all that were written. Cited: answers with at "
        "least one conversation. Of each person's verdicts on an answer the last one counts. Times are to the whole answer."
    )


def _sentence(week: Week) -> str:
    told = [
        f"**{_share(week.answered, week.questions)}** of {numbers.count(week.questions)} questions answered"
    ]
    if week.verdicts:
        told.append(
            f"**{_share(week.useful, week.verdicts)}** of {numbers.count(week.verdicts)} verdicts say useful"
        )
    if week.seconds_p95 is not None:
        told.append(f"95 % within {week.seconds_p95:.1f} s")
    return f"Week of {week.week:%-d %b}: " + ", ".join(told) + "."


def _row(week: Week) -> dict[str, object]:
    answered = round((week.answered or 0) * week.questions)
    return {
        "Week of": week.week, "Questions": week.questions, "Answered": _share(week.answered, week.questions),
        "Not in the data": _share(week.not_in_data, week.questions),
        "Grounded": f"{_share(week.grounded, week.sentences)} of {week.sentences:,}",
        "Cited": f"{_share(week.cited, answered)} of {answered:,}",
        "Useful": f"{_share(week.useful, week.verdicts)} of {week.verdicts:,}", "Wrong number": week.wrong_number,
        "Wrong evidence": week.wrong_evidence, "Misunderstood": week.misunderstood, "Half within": _time(week.seconds_p50),
        "95 % within": _time(week.seconds_p95), "Tokens": week.tokens,
        "Cost": numbers.MISSING if week.cost is None else f"{week.cost:,.2f}",
    }  # fmt: skip


def _share(value: float | None, n: int) -> str:
    return numbers.value(value, "share", n) if value is not None else numbers.MISSING


def _time(seconds: float | None) -> str:
    return numbers.MISSING if seconds is None else f"{seconds:.1f} s"
