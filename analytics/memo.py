"""Remembering what was worked out for a generation, for as long as its reader is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from threading import Lock
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary, ref

if TYPE_CHECKING:
    from store.reader import Reader

P = ParamSpec("P")
T = TypeVar("T")


def per_reader(
    function: Callable[Concatenate[Reader, P], T],
) -> Callable[Concatenate[Reader, P], T]:
    """Cache the results of a function by its arguments, without keeping the reader itself alive."""
    caches: WeakKeyDictionary[Reader, Callable[..., T]] = WeakKeyDictionary()
    guard = Lock()

    def cache_of(reader: Reader) -> Callable[..., T]:
        with guard:
            if reader not in caches:
                weak = ref(reader)

                @lru_cache(maxsize=256)
                def remembered(*args: Any, **kwargs: Any) -> T:
                    alive = weak()
                    if alive is None:  # the caller holds it, so this cannot be
                        raise ReferenceError("the reader is closed")
                    return function(alive, *args, **kwargs)

                caches[reader] = remembered
            return caches[reader]

    @wraps(function)
    def call(reader: Reader, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return cache_of(reader)(*args, **kwargs)

    return call
