"""`python -m bench.quality_anomalies --nab DIR`: how good scores of anomalies and causes of changes are.

DIR holds `data.tar.gz` and `windows.json` of files of the Numenta Anomaly Benchmark (github.com/numenta/NAB, MIT).
The detector to beat, a rolling quantile with one alert a day, runs beside ours, with the best of four windows.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analytics.anomalies import score_stream
from bench import cubes, nab, nab_verdicts

RIVAL_WINDOWS = (576, 1000, 2000, 4000)
TRIALS = 300


def nab_figures(folder: Path) -> dict[str, Any]:
    """Ours and the rolling quantile's, standard profile, one threshold for all files."""
    files = nab.read(folder)
    ours = {file.name: score_stream(file.series).to_numpy() for file in files}
    rivals = [
        nab.score(files, {f.name: nab.rolling_quantile(f.series, window) for f in files}, once_a_day=True)
        for window in RIVAL_WINDOWS
    ]
    rival = max(rivals, key=lambda one: one.score)
    one_a_day = nab.score(files, ours, once_a_day=True)
    return {
        "files": len(files),
        "ours_once_a_day": asdict(one_a_day),
        "ours_as_scored": asdict(nab.score(files, ours, once_a_day=False)),
        "rolling_quantile_once_a_day": asdict(rival),
        "ahead_by": one_a_day.score - rival.score,
        "verdicts": nab_verdicts.figures(files, ours, one_a_day.threshold),
    }


def cause_figures(trials: int = TRIALS) -> dict[str, Any]:
    """Exact causes of generated cubes, of two sizes of a day; false ones are of cubes without any."""
    found: dict[str, Any] = {}
    for a_day in (1000.0, 2000.0):
        world = cubes.World(a_day)
        kinds = {kind: cubes.measure(kind, world, trials=trials) for kind in ("none", "one", "pair", "two")}
        found[f"{a_day:.0f}_a_day"] = {
            "one": kinds["one"].exact,
            "pair": kinds["pair"].exact,
            "two": kinds["two"].exact,
            "false": 1 - kinds["none"].exact,
            "seconds": kinds["pair"].seconds,
            "trials": trials,
        }
    return found


def measure(nab_folder: Path | None, trials: int = TRIALS) -> dict[str, Any]:
    """All figures; those of NAB only where its files are."""
    found: dict[str, Any] = {"rootcause": cause_figures(trials)}
    if nab_folder is not None:
        found["nab"] = nab_figures(nab_folder)
    return found


def main(argv: list[str]) -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality_anomalies", description=__doc__)
    parser.add_argument("--nab", type=Path, default=None, help="folder with data.tar.gz and windows.json")
    parser.add_argument("--trials", type=int, default=TRIALS, help="cubes of each kind")
    args = parser.parse_args(argv)
    print(json.dumps(measure(args.nab, args.trials), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
