"""Prophet as a member for the one series that was opened (Taylor & Letham 2018), under a limit of time.

Every fit is a process of Prophet's solver, which is stopped when the time is over; so is whatever has not begun. What
was not fitted from the last four tests has no weight, so then there is no Prophet, and a sentence says so. Fits are
kept by the data they were made from, in memory and in a folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import tempfile
import threading
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.forecasting.beside import Opened, Told
from analytics.forecasting.blend import FOR_WEIGHTS
from analytics.forecasting.rows import Floats

NAME = "Prophet"
LIMIT_S = 2.5
LEAST = {"daily": 84, "hourly": 28 * 24, "weekly": 104}  # values, below which Prophet loses to the last cycle
LONGEST = {"daily": 3 * 365, "hourly": 60 * 24, "weekly": 520}  # periods it learns from
AT_ONCE = 2  # solvers
MOST_KEPT, MOST_FILES = 64, 200
SPELLING = "1"  # raised when the same data would be fitted otherwise

_kept: OrderedDict[str, Floats] = OrderedDict()
_guard = threading.Lock()


@dataclass(frozen=True)
class Prophets:
    """Asks Prophet for one series: a `Focus` of `forecast_panel`. `folder` keeps fits beyond this process."""

    folder: Path | None = None
    limit_s: float = LIMIT_S

    def __call__(self, opened: Opened) -> Told:
        """Prophet's paths from every test it had time for, and ahead; or why there are none."""
        known, least = int(np.isfinite(opened.values).sum()), LEAST.get(opened.freq)
        if least is None:
            return Told(why=(f"{NAME} is not asked {opened.freq}.",))
        if known < least:
            return Told(why=(f"{NAME} is asked from {least} values on: {known} are known.",))
        if importlib.util.find_spec("prophet") is None:
            return Told(why=(f"{NAME} is not installed here.",))
        key = _key(opened)
        paths = self._remembered(key)
        if paths is None:
            paths = _fitted(opened, self.limit_s)
            if _is_whole(opened, paths):
                self._remember(key, paths)
        if not _is_whole(opened, paths):
            return Told(why=(f"{NAME} was not ready within {self.limit_s:g} seconds: it is left out.",))
        tests = paths[:-1, : opened.tested]
        return Told({NAME: tests}, {NAME: paths[-1]})

    def _remembered(self, key: str) -> Floats | None:
        with _guard:
            if key in _kept:
                _kept.move_to_end(key)
                return _kept[key]
        file = self.folder / f"{key}.npy" if self.folder else None
        if file is None or not file.is_file():
            return None
        try:
            found = np.asarray(np.load(file, allow_pickle=False), dtype=float)
        except (OSError, ValueError):  # half a file of a full disk: fitted again
            return None
        _in_memory(key, found)
        return found

    def _remember(self, key: str, paths: Floats) -> None:
        _in_memory(key, paths)
        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".new", delete=False) as file:
                np.save(file, paths)
            Path(file.name).replace(self.folder / f"{key}.npy")
            _thinned(self.folder)
        except OSError:  # a home that is only read, or a full disk: the next process fits again
            logging.getLogger(__name__).debug("fits are not kept in %s", self.folder)


def _in_memory(key: str, paths: Floats) -> None:
    with _guard:
        _kept[key] = paths
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)


def _thinned(folder: Path) -> None:
    files = sorted(folder.glob("*.npy"), key=lambda file: file.stat().st_mtime)
    for file in files[:-MOST_FILES]:
        file.unlink(missing_ok=True)


def _key(opened: Opened) -> str:
    shape = (SPELLING, opened.freq, opened.origins, opened.tested, len(opened.ahead), opened.multiplies)
    told = hashlib.sha256(repr((shape, str(opened.times[0]))).encode())
    told.update(np.ascontiguousarray(opened.values).tobytes())
    return told.hexdigest()[:40]


def _is_whole(opened: Opened, paths: Floats) -> bool:
    """Whether what a forecast and its weight need is there: what is ahead, and the tests that weights come from."""
    tests = paths[max(0, len(opened.origins) - FOR_WEIGHTS) : -1, : opened.tested]
    return bool(np.isfinite(tests).all() and np.isfinite(paths[-1]).all())


def _fitted(opened: Opened, limit_s: float) -> Floats:
    """Origins and now (last) by periods; NaN where there was no time, and beyond a test's end."""
    ends = [*opened.origins, len(opened.values)]
    found = np.full((len(ends), max(opened.tested, len(opened.ahead))), np.nan)
    with _quiet() as settled, tempfile.TemporaryDirectory(prefix="prophet-") as scratch:
        import prophet  # noqa: F401 (a second or two, once a process: not part of the limit)

        settled()
        end = time.monotonic() + limit_s
        pool = ThreadPoolExecutor(AT_ONCE)
        # The newest first: they decide the weight.
        asked = {place: pool.submit(_path, opened, ends[place], end, scratch) for place in _order(len(ends))}
        for place, future in asked.items():
            path = _result(future, end)
            if path is not None:
                found[place, : len(path)] = path
        pool.shutdown(wait=True, cancel_futures=True)
    return found[:, : len(opened.ahead)] if len(opened.ahead) > opened.tested else found


def _order(count: int) -> list[int]:
    return list(range(count - 1, -1, -1))


def _result(future: Future[Floats], end: float) -> Floats | None:
    try:
        return future.result(max(0.0, end - time.monotonic()))
    except TimeoutError:
        future.cancel()
    except (
        RuntimeError,
        ValueError,
        ArithmeticError,
        LookupError,
        OSError,
    ) as error:  # does not converge, and the like
        logging.getLogger(__name__).info("a fit of %s failed: %s", NAME, type(error).__name__)
    return None


def _path(opened: Opened, known: int, end: float, scratch: str) -> Floats:
    """Prophet of so many periods, for a test or for what is ahead."""
    import pandas as pd
    from prophet import Prophet

    left = end - time.monotonic()
    if left <= 0.05:
        raise TimeoutError
    now = known == len(opened.values)
    ahead = opened.ahead if now else opened.times[known : known + opened.tested]
    start = max(0, known - LONGEST[opened.freq])
    hourly, daily = opened.freq == "hourly", opened.freq == "daily"
    model = Prophet(
        daily_seasonality=hourly,
        weekly_seasonality=hourly or daily,
        yearly_seasonality=not hourly and known - start > (731 if daily else 105),
        seasonality_mode="multiplicative" if opened.multiplies else "additive",
        uncertainty_samples=0,  # bands are ours
    )
    frame = pd.DataFrame({"ds": opened.times[start:known], "y": opened.values[start:known]})
    folder = tempfile.mkdtemp(dir=scratch)  # of its own: the solver names files by the second
    model.fit(frame, timeout=left, output_dir=folder)
    path = model.predict(pd.DataFrame({"ds": ahead}))["yhat"].to_numpy(float)
    return np.asarray(np.maximum(path, 0.0), dtype=float)


@contextmanager
def _quiet() -> Iterator[Callable[[], None]]:
    """Neither what imports and fits warn of, nor, once the given function was called, logs of Prophet or its solver."""

    def settled() -> None:  # their imports set levels of their own
        for name in ("prophet", "cmdstanpy"):
            logging.getLogger(name).setLevel(logging.CRITICAL)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield settled
