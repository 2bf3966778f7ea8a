"""What one run of a page's script holds on to, so that everything it draws is of one moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from streamlit.runtime.scriptrunner import get_script_run_ctx

Made = TypeVar("Made")
_runs: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


def held(name: str, make: Callable[[], Made]) -> Made:
    """What `make` gives, made once in a run of the page or of one of its fragments; outside of runs every time.

    Failures are not held. A run takes a second, so a right that is taken away ends with the next one.
    """
    run = _run()
    if run is None:
        return make()
    kept = _runs.setdefault(run, {})
    if name not in kept:
        kept[name] = make()
    made: Made = kept[name]
    return made


def peek(name: str) -> Any:
    """What this run holds under a name, or None."""
    return _runs.get(run, {}).get(name) if (run := _run()) is not None else None


def drop(name: str) -> None:
    """Have it made anew: this run itself has changed what it was made from."""
    if (run := _run()) is not None:
        _runs.get(run, {}).pop(name, None)


def _run() -> Any:
    """An object that Streamlit makes anew for every run and drops after it."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.parallel_coordinator if context is not None else None
