"""How results are cached: `st.cache_data` under one short key, and only of the generations that pages still show.

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
from inspect import signature
from typing import Any, ParamSpec, TypeVar

import streamlit as st

Asked = ParamSpec("Asked")
Result = TypeVar("Result")
MOST = 800  # entries a cached function keeps of a generation: twenty people on every page with five filters ask for 450
GENERATIONS = 3  # that results are kept of: what is shown, what is made ready, and the one before
LATELY_S = 300.0  # what nobody asked for so long is not computed ahead
MOST_AHEAD = 2000


@dataclass(frozen=True, slots=True)
class _Asked:
    ask: Callable[..., Any]
    arguments: tuple[Any, ...]
    at: float


class _Places:
    """One cache of a function for each of the generations asked for last; the next generation gets the oldest, empty.

    Entries of a generation that nobody shows any more would fill the memory until newer ones push them out.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._caches: list[list[Any]] = [[] for _ in range(GENERATIONS)]
        self._place_of: OrderedDict[tuple[str, int], int] = OrderedDict()

    def add(self, made: Callable[[int], Any]) -> list[Any]:
        """The caches of one more function, each made for its place."""
        caches = [made(place) for place in range(GENERATIONS)]
        for place, cache in zip(self._caches, caches, strict=True):
            place.append(cache)
        return caches

    def of(self, workspace: str, generation: int) -> int:
        """The place of a generation, which is the newest from now on."""
        with self._guard:
            key = (workspace, generation)
            if key not in self._place_of:
                self._place_of[key] = self._emptied()
            self._place_of.move_to_end(key)
            return self._place_of[key]

    def _emptied(self) -> int:
        if len(self._place_of) < GENERATIONS:
            return len(self._place_of)
        place = self._place_of.popitem(last=False)[1]
        for cache in self._caches[place]:
            cache.clear()
        return place


_places = _Places()
_asked: OrderedDict[tuple[str, str], _Asked] = OrderedDict()
_guard = threading.Lock()


def kept(
    max_entries: int = MOST, *, waiting: str | None = None, ahead: bool = False
) -> Callable[[Callable[Asked, Result]], Callable[Asked, Result]]:
    """Keep what a function gives for the last `max_entries` arguments; failures are raised, never kept.

    Arguments are positional and told apart by their `repr`: texts, numbers, days, and frozen dataclasses of these.
    Whoever asks gets a copy of their own. `waiting` is shown while a result is computed. Where the last two are
    called `place` and `generation` (the workspace and the number of one), what was kept goes with the generation.
    With `ahead` it is computed for a new generation before pages show it: nothing else about the session decides.
    """

    def keeping(function: Callable[Asked, Result]) -> Callable[Asked, Result]:
        is_of_generation = list(signature(function).parameters)[-2:] == ["place", "generation"]

        def cache(number: int) -> Callable[[str, tuple[Any, ...]], Result]:
            return _cache(function, f"{function.__qualname__} {number}", max_entries, waiting)

        caches = _places.add(cache) if is_of_generation else [cache(0)]

        def kept_at(key: str, arguments: tuple[Any, ...]) -> Result:
            found: Result = caches[_places.of(*arguments[-2:]) if is_of_generation else 0](key, arguments)
            return found

        @wraps(function)
        def ask(*arguments: Asked.args, **named: Asked.kwargs) -> Result:
            if named:
                raise TypeError(f"{function.__qualname__} is kept by its positional arguments")
            key = repr(arguments)
            if ahead:
                _remember(function.__qualname__, key, _Asked(kept_at, arguments, time.monotonic()))
            return kept_at(key, arguments)

        return ask

    return keeping


def _cache(
    function: Callable[..., Result], name: str, max_entries: int, waiting: str | None
) -> Callable[[str, tuple[Any, ...]], Result]:
    def by_key(key: str, _arguments: Any) -> Result:
        return function(*_arguments)

    by_key.__module__, by_key.__qualname__ = function.__module__, name  # what Streamlit tells caches apart by
    return st.cache_data(max_entries=max_entries, show_spinner=waiting or False)(by_key)


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
            yield partial(one.ask, repr(arguments), arguments)
