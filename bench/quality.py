"""`python -m bench.quality --nn5 DIR --nab DIR`: how good forecasts, scores of anomalies and causes are, and every bar."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench import bars, forecast_rival, quality_anomalies, quality_bars, quality_forecast


def main(argv: list[str] | None = None) -> int:
    """Print the figures of both as JSON, then every bar; 1 where one is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument("--nn5", type=Path, help="folder of nn5_daily_dev.csv.gz")
    parser.add_argument("--nab", type=Path, help="folder with data.tar.gz and windows.json")
    parser.add_argument("--rival", action="store_true", help="AutoETS of the same series beside")
    parser.add_argument(
        "--series",
        type=int,
        default=200,
        help="generated hourly series, and five times as many weekly ones (default 200)",
    )
    parser.add_argument(
        "--rival-series", type=int, help="how many of each kind AutoETS forecasts (default as --series)"
    )
    parser.add_argument("--panels", type=int, default=10_000, help="random panels of counts (default 10,000)")
    parser.add_argument("--trials", type=int, default=quality_anomalies.TRIALS, help="cubes of each kind")
    args = parser.parse_args(argv)
    rival = forecast_rival.environment() if args.rival else None
    forecasts = quality_forecast.figures(
        args.nn5, series=args.series, panels=args.panels, rival=rival, beside=args.rival_series
    )
    print(json.dumps({"forecasts": forecasts}, indent=2), flush=True)
    anomalies = quality_anomalies.measure(args.nab, args.trials)
    print(json.dumps({"anomalies": anomalies}, indent=2), flush=True)
    rows = quality_bars.judged({"forecasts": forecasts, "anomalies": anomalies})
    print(bars.table(rows))
    return 1 if any(row.verdict == "missed" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
