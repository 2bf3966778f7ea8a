"""What people's verdicts do to alerts, replayed on files of the Numenta Anomaly Benchmark: its windows are who judges.

Every file is a slice. An alert inside a window is called useful, any other noise, on its own day; thresholds follow as
`Verdicts.steps` has them, so that an alert depends on what was said before it alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from analytics.anomalies.verdicts import NO_VERDICTS, Verdict, Verdicts
from bench.nab import File, Numbers, on_trial
from store.workspace.anomaly_verdicts import Saying

METRIC = "score"
_DAY = np.timedelta64(24, "h")


@dataclass(frozen=True, slots=True)
class Replayed:
    """Alerts, how many lay in a window, and how many windows have one."""

    alerts: int
    useful: int
    windows: int

    @property
    def precision(self) -> float | None:
        """None without any alert."""
        return self.useful / self.alerts if self.alerts else None


def figures(files: Sequence[File], scores: Mapping[str, Numbers], threshold: float) -> dict[str, object]:
    """Precision without verdicts and with them, and the share of windows found before that are lost."""
    before, after = (
        _sum(replayed(file, scores[file.name], threshold, is_judged=judged) for file in files)
        for judged in (False, True)
    )
    return {
        "threshold": threshold,
        "without": {**asdict(before), "precision": before.precision},
        "with": {**asdict(after), "precision": after.precision},
        "windows_lost": 1 - after.windows / before.windows if before.windows else 0.0,
    }


def replayed(file: File, scores: Numbers, threshold: float, *, is_judged: bool) -> Replayed:
    """One file, an alert silencing the 24 hours after it."""
    heat, limit = scores / np.maximum(1 - scores, 1e-12), threshold / (1 - threshold)
    at, where = file.series.index.to_numpy(), (("file", file.name),)
    said = NO_VERDICTS
    told: list[int] = []
    for row in on_trial(np.nonzero(heat >= limit * (0.5 if is_judged else 1.0))[0], len(scores)):
        if told and at[row] - at[told[-1]] < _DAY:
            continue
        day = file.series.index[row].date()
        by = said.steps(METRIC, [day]).get(where, np.ones(1))[0]
        if heat[row] < limit * by:
            continue
        told.append(int(row))
        if is_judged:
            word: Saying = "useful" if file.inside[row] >= 0 else "noise"
            said = Verdicts((*said.all, Verdict(f"{row}", METRIC, where, word, day, day, day)))
    inside = [int(file.inside[row]) for row in told if file.inside[row] >= 0]
    return Replayed(len(told), len(inside), len(set(inside)))


def _sum(found: Iterator[Replayed]) -> Replayed:
    whole = Replayed(0, 0, 0)
    for one in found:
        whole = replace(
            whole, alerts=whole.alerts + one.alerts, useful=whole.useful + one.useful, windows=whole.windows + one.windows
        )  # fmt: skip
    return whole
