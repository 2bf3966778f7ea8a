"""Numbers that stand together: one that cannot be had is missing among them, and why is said below."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import AppError, NotEnoughData, QuestionError
from ui import errors, tables

if TYPE_CHECKING:
    from analytics.result import MetricResult


@dataclass(frozen=True, slots=True)
class Asked:
    """The numbers that could be had, by name and in the order asked for; and why the others could not."""

    results: dict[str, MetricResult]
    failed: tuple[AppError, ...]


def asked(names: Iterable[str], ask: Callable[[str], MetricResult]) -> Asked:
    """Ask for each number once; errors of ours are kept, others are raised."""
    results: dict[str, MetricResult] = {}
    failed: list[AppError] = []
    for name in dict.fromkeys(names):
        try:
            results[name] = ask(name)
        except AppError as error:
            failed.append(error)
    return Asked(results, tuple(failed))


def say(failed: Iterable[AppError]) -> None:
    """Each reason once: small where a filter does not go with a number, as a failure otherwise."""
    for error in {str(error): error for error in failed}.values():
        if isinstance(error, NotEnoughData | QuestionError):
            st.caption(f":material/filter_alt_off: {tables.told(errors.sentence(error.message))}")
        else:
            errors.show(error)
