"""AutoETS of statsforecast for the same series, in an environment of its own; what it said is kept, series by series.

It needs pandas 2, which the product does not run with, and most of an hour of a core for 200 series of each kind: all
cores work, and a run that was stopped goes on where it was. What is kept is keyed by the series itself, the season, the
horizon and the version.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.clocks import PROJECT

REQUIREMENT = "statsforecast==2.1.1"
ENVIRONMENT = PROJECT / "bench" / ".forecast-env"
AT_ONCE = 5  # series a process is given: that many are lost when it is stopped
PROGRAM = """
import io, sys, warnings
import pandas as pd
warnings.filterwarnings("ignore")
from statsforecast.models import AutoETS
season, horizon = int(sys.argv[1]), int(sys.argv[2])
frame = pd.read_csv(io.StringIO(sys.stdin.read()))
paths = {name: AutoETS(season_length=season).forecast(y=frame[name].to_numpy(float), h=horizon)["mean"] for name in frame}
print(pd.DataFrame(paths).to_csv(index=False))
"""


def environment() -> Path:
    """The interpreter that has statsforecast; the environment is made where it is not there. Raises CannotCompare."""
    from bench import rival

    return rival.environment(ENVIRONMENT, REQUIREMENT, "pandas<3")


def paths(python: Path, known: pd.DataFrame, season: int, horizon: int) -> Any:
    """Horizon by series: what AutoETS forecasts after the last row."""
    kept = ENVIRONMENT / "paths"
    kept.mkdir(exist_ok=True)
    places = [kept / f"{_key(known[name], season, horizon)}.npy" for name in known]
    missing = [place for place, file in enumerate(places) if not file.is_file()]
    parts = [missing[start : start + AT_ONCE] for start in range(0, len(missing), AT_ONCE)]

    def ask(some: list[int]) -> None:
        told = _asked(python, known.iloc[:, some], season, horizon)
        for column, place in enumerate(some):
            np.save(places[place], told[:, column])

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # each waits for a process of one core
        list(pool.map(ask, parts))
    return np.column_stack([np.load(place) for place in places])


def _key(series: Any, season: int, horizon: int) -> str:
    told = hashlib.sha256(f"{REQUIREMENT} {season} {horizon} ".encode())
    told.update(series.to_numpy(float).tobytes())
    return told.hexdigest()[:32]


def _asked(python: Path, known: pd.DataFrame, season: int, horizon: int) -> Any:
    asked = [str(python), "-c", PROGRAM, str(season), str(horizon)]
    alone = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    told = subprocess.run(
        asked, input=known.to_csv(index=False), capture_output=True, text=True, check=True, env=alone
    )
    return pd.read_csv(io.StringIO(told.stdout)).to_numpy()
