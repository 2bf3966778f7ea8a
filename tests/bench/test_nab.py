"""The scorer against the values that the benchmark's own description gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench import nab, nab_verdicts

INDEX = pd.date_range("2026-01-01", periods=1000, freq="5min")
WINDOW = [[str(INDEX[500]), str(INDEX[599])]]


@pytest.fixture
def file() -> nab.File:
    return nab.of_windows("one", pd.Series(np.zeros(1000), index=INDEX), WINDOW)


def alerts(*rows: int) -> dict[str, np.ndarray]:
    scores = np.zeros(1000)
    scores[list(rows)] = 1.0
    return {"one": scores}


def test_perfect_and_nothing(file: nab.File) -> None:
    """The first row of a window is worth 1; a detector that says nothing has 0."""
    assert nab.score([file], alerts(500), once_a_day=False).score == pytest.approx(100.0)
    assert nab.score([file], alerts(), once_a_day=False).score == 0.0


def test_the_worth_of_a_row(file: nab.File) -> None:
    """The scaled sigmoid 2 / (1 + e^5y) - 1: 0.8483 in the middle of a window (0.9866 scales it), near 0 at its end."""
    assert file.worth[550] == pytest.approx((2 / (1 + np.exp(-2.5)) - 1) / 0.98661, abs=1e-4)
    assert 0 < file.worth[599] < 0.03
    assert file.worth[499] == -nab.FALSE and file.worth[999] == -nab.FALSE
    assert -nab.FALSE < file.worth[600] < 0


def test_false_rows_cost_and_later_rows_of_a_window_earn_nothing(file: nab.File) -> None:
    found = nab.score([file], alerts(200, 201, 500, 501), once_a_day=False)
    assert found.score == pytest.approx(100 * (1 - 2 * 0.11 + 1) / 2) and found.false_rows == 2


def test_one_alert_a_day_and_probation(file: nab.File) -> None:
    once = nab.score([file], alerts(200, 201, 203), once_a_day=True)
    assert once.score == 0.0  # one false row and nothing found is worse than silence
    assert nab.score([file], alerts(10, 500), once_a_day=False).score == pytest.approx(100.0)
    assert nab.score([file], alerts(490, 500), once_a_day=True).score < 50  # silenced by the false one


@pytest.fixture
def late() -> nab.File:
    """Days enough before its window."""
    index = pd.date_range("2026-01-01", periods=2000, freq="5min")
    return nab.of_windows(
        "one", pd.Series(np.zeros(2000), index=index), [[str(index[1000]), str(index[1400])]]
    )


def told(file: nab.File, **more: float) -> list[nab_verdicts.Replayed]:
    """Without verdicts and with them, of scores by row."""
    scores = np.zeros(2000)
    for row, score in more.items():
        scores[int(row.removeprefix("at"))] = score
    return [nab_verdicts.replayed(file, scores, 0.6, is_judged=judged) for judged in (False, True)]


def test_noise_quiets_its_own_file_and_useful_makes_it_listen(late: nab.File) -> None:
    plain, judged = told(late, at320=0.62, at640=0.62, at1100=0.9)
    assert (plain.alerts, plain.windows) == (3, 1) and (judged.alerts, judged.windows) == (2, 1)
    assert plain.precision == 1 / 3 and judged.precision == 1 / 2
    assert [one.alerts for one in told(late, at1000=0.9, at1350=0.58)] == [1, 2]


def test_what_verdicts_lose_is_told(late: nab.File) -> None:
    scores = np.zeros(2000)
    scores[[640, 1100]] = 0.62
    assert nab_verdicts.figures([late], {"one": scores}, 0.6)["windows_lost"] == 1.0
