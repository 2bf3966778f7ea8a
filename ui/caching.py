"""How results are cached: `st.cache_data` under one short key.

Streamlit's own way to read arguments takes longer than most of what a page draws. What was asked for lately is
remembered beside it, to be computed for a new generation before pages show it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st

Asked = ParamSpec("Asked")
Result = TypeVar("Result")
MOST = 400  # entries a cached function keeps: a morning's filters of twenty people
LATELY_S = 300.0  # what nobody asked for so long is not computed ahead
MOST_AHEAD = 2000


@dataclass(frozen=True, slots=True)
class _Asked:
    cached: Callable[[str, tuple[Any, ...]], Any]
    arguments: tuple[Any, ...]
    at: float


_asked: OrderedDict[tuple[str, str], _Asked] = OrderedDict()
_guard = threading.Lock()


def kept(
    max_entries: int = MOST, *, waiting: str | None = None, ahead: bool = False
) -> Callable[[Callable[Asked, Result]], Callable[Asked, Result]]:
    """Keep what a function gives for the last `max_entries` arguments; failures are raised, never kept.

    Arguments are positional and told apart by their `repr`: texts, numbers, days, and frozen dataclasses of these.
    Whoever asks gets a copy of their own. `waiting` is shown while a result is computed. With `ahead` it is
    computed for a new generation before pages show it: the last two arguments are then the workspace and the
    generation, and nothing else about the session decides the result.
    """

    def keeping(function: Callable[Asked, Result]) -> Callable[Asked, Result]:
        made: Callable[..., Result] = function

        def by_key(key: str, _arguments: Any) -> Result:
            return made(*_arguments)

        by_key.__module__, by_key.__qualname__ = function.__module__, function.__qualname__
        cached = st.cache_data(max_entries=max_entries, show_spinner=waiting or False)(by_key)

        @wraps(function)
        def ask(*arguments: Asked.args, **named: Asked.kwargs) -> Result:
            if named:
                raise TypeError(f"{function.__qualname__} is kept by its positional arguments")
            key = repr(arguments)
            if ahead:
                _remember(function.__qualname__, key, _Asked(cached, arguments, time.monotonic()))
            return cached(key, arguments)

        return ask

    return keeping


def _remember(name: str, key: str, asked: _Asked) -> None:
    """One entry a question, whichever generation it was put to."""
    place = (name, key[: key.rfind(",")])
    with _guard:
        _asked[place] = asked
        _asked.move_to_end(place)
        if len(_asked) > MOST_AHEAD:
            _asked.popitem(last=False)


def lately(place: str, generation: int) -> Iterator[Callable[[], Any]]:
    """What was asked of a workspace lately, the last first, each to be computed for another generation."""
    with _guard:
        asked = [one for one in reversed(_asked.values()) if one.arguments[-2] == place]
    begun = time.monotonic() - LATELY_S
    for one in asked:
        if one.at >= begun:
            arguments = (*one.arguments[:-1], generation)
            yield partial(one.cached, repr(arguments), arguments)
