"""`python -m bench N=100000`: generate, load, ask, and print what was promised beside what was measured."""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import asking, bars, browsing, loading, numbers, postgres, rival, visits
from bench.clocks import NOW, PROJECT, command, own_peak_mb, sample
from core.home import Home

RESULTS = PROJECT / "bench" / "results.json"
CHANGED, MANY_CHANGED = 1_000, 10_000
STORE_PHASES = ("prepare", "read", "enrich", "chunks", "publish")


@dataclass
class Bench:
    """One run: its home and what has been measured so far."""

    home: Home
    conversations: int
    seed: int = 7
    figures: dict[str, float | None] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)  # what could not be measured here, and why

    def generate(self) -> None:
        """The sample workspace."""
        ran = sample(self.home, self.conversations, self.seed)
        self.figures |= {"generate_s": ran.result["seconds"], "generate_peak_mb": ran.peak_mb}
        self.figures |= {"messages": ran.result["messages"], "sample_mb": ran.result["bytes"] / 1e6}

    def load(self) -> None:
        """The message file, against DuckDB's own reading."""
        scratch = self.home.root / "scratch"
        scratch.mkdir()
        found = loading.compare(self.home.sample / "data" / "messages.csv", scratch)
        shutil.rmtree(scratch)
        self.figures |= {"load_ratio": found.ratio, "load_s": found.product_s, "duckdb_s": found.duckdb_s}
        self.figures["load_rows_per_s"] = found.rows / found.product_s

    def rival(self) -> None:
        """The same rows with dlt, where it can be installed."""
        scratch = self.home.root / "scratch"
        scratch.mkdir()
        try:
            found = rival.compare(self.home.sample / "data" / "messages.csv", scratch)
        except rival.CannotCompare as error:
            self.left_out["dlt_ratio"] = str(error)
            return
        finally:
            shutil.rmtree(scratch)
        self.figures |= {"dlt_ratio": found.times, "dlt_append_ratio": found.appended_s / found.product_s}
        self.details["dlt"] = {**asdict(found), "requirement": rival.DLT}

    def postgres(self) -> None:
        """Rows of a PostgreSQL server that is started here; not measured where none is installed."""
        initdb = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not initdb:
            self.figures["postgres_ratio"] = None
            return
        scratch = self.home.root / "scratch"
        scratch.mkdir()
        found = postgres.compare(str(initdb[-1]), scratch)
        shutil.rmtree(scratch)
        self.figures |= {"postgres_ratio": found.ratio, "postgres_s": found.product_s, "bare_s": found.bare_s}

    def numbers(self) -> None:
        """Facts and every metric of as many conversations in a home of their own, beside pandas and polars."""
        scratch = Home(self.home.root / "scratch")
        scratch.root.mkdir()
        found = numbers.measure(scratch, self.conversations)
        shutil.rmtree(scratch.root)
        self.figures |= found.figures
        self.details |= {
            "numbers_ms": found.metrics_ms,
            "audits_ms": found.audits_ms,
            "rivals_ms": found.rivals_ms,
        }

    def refresh(self) -> None:
        """The first refresh, then one that finds nothing new."""
        ran = command("refresh", "--home", self.home.root)
        self.details["first_refresh"] = ran.result["phases"]
        index = ran.result["phases"].get("index")
        self.figures |= {
            "refresh_s": ran.seconds,
            "refresh_cpu_s": ran.cpu_s,
            "refresh_peak_mb": ran.peak_mb,
            "index_s": index,
        }
        self.figures["index_100k_s"] = index * min(1.0, 100_000 / self.conversations) if index else None
        self.figures["chunks"] = (ran.result.get("index") or {}).get("added")
        self.figures["publish_s"] = ran.result["phases"].get("publish")
        self.figures["generation_mb"] = _newest(self.home).stat().st_size / 1e6
        again = command("refresh", "--home", self.home.root)
        self.figures["no_op_refresh_s"] = again.seconds
        self.details["no_op_refresh"] = {**again.result["phases"], **again.result["totals"]}

    def browse(self) -> None:
        """Starts, page loads and switches in a browser; then twenty sessions without and with refreshes."""
        try:
            self.figures |= browsing.figures(browsing.measure(self.home))
        except browsing.NoBrowser as error:
            self.left_out |= dict.fromkeys(("page_browser_s", "page_switch_s", "start_s"), str(error))
        seen = visits.everything(self.home)
        self.figures |= seen.figures
        self.details |= seen.details
        self.left_out |= seen.left_out

    def change(self) -> None:
        """New messages in some conversations."""
        index, _ = self._after_changing(min(CHANGED, self.conversations))
        self.figures["index_1k_s"] = index
        if self.conversations >= 10 * MANY_CHANGED:
            index, store = self._after_changing(MANY_CHANGED)
            self.figures |= {"change_index_s": index, "change_store_s": store}

    def _after_changing(self, many: int) -> tuple[float | None, float]:
        _add_messages(self.home.sample / "data", many)
        ran = command("refresh", "--home", self.home.root)
        phases = ran.result["phases"]
        self.details[f"changed_{many}"] = {
            **phases,
            **ran.result["totals"],
            "cpu_s": ran.cpu_s,
            "peak_mb": ran.peak_mb,
        }
        return phases.get("index"), sum(s for name, s in phases.items() if name.startswith(STORE_PHASES))

    def ask(self) -> None:
        """Metrics, a page, searches and questions."""
        found = asking.measure(self.home)
        self.figures |= asking.summary(found) | {"asking_peak_mb": own_peak_mb()}
        self.details["metrics_ms"] = found.metrics_ms
        self.details["ask_ms"] = dict(zip(asking.QUESTIONS, found.ask_ms, strict=True))


def _newest(home: Home) -> Path:
    return max((home.warehouse / "gen").glob("gen-*.duckdb"), key=lambda path: path.name)


def _add_messages(data: Path, many: int) -> None:
    """A further file with one more message in each of the first `many` conversations."""
    with (data / "conversations.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row, _ in zip(csv.DictReader(file), range(many), strict=False)]
    with (data / f"messages_more_{many}.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("message_id", "conversation_id", "author_id", "author_role", "is_public", "kind",
                      "body_text", "created_at"))  # fmt: skip
        for row in rows:
            at = datetime.fromisoformat(row["updated_at"]) + timedelta(minutes=5)
            text = f"One more thing about {row['subject']}: it came back after your last answer."
            out.writerow((f"{row['conversation_id']}-more-{many}", row["conversation_id"], row["requester_id"],
                          "customer", "true", "message", text, at.strftime("%Y-%m-%dT%H:%M:%SZ")))  # fmt: skip


def run(conversations: int, home: Home, without: Sequence[str] = ()) -> Bench:
    """Measure step by step; a step that fails leaves its rows unmeasured and says why."""
    bench = Bench(home, conversations)
    steps: tuple[Callable[[], None], ...] = (
        bench.generate, bench.load, bench.postgres, bench.rival, bench.numbers, bench.refresh,
        bench.ask, bench.change, bench.browse,
    )  # fmt: skip
    for step in (step for step in steps if step.__name__ not in without):
        before = set(bench.figures)
        print(f"{step.__name__} …", file=sys.stderr, flush=True)
        try:
            step()
            found = {name: value for name, value in bench.figures.items() if name not in before}
            told = ", ".join(f"{name} {value:,.1f}" for name, value in found.items() if value is not None)
            print(f"  {told}", file=sys.stderr, flush=True)
        except Exception as error:  # a benchmark reports what it can
            bench.details.setdefault("failed", {})[step.__name__] = f"{type(error).__name__}: {error}"
            print(f"{step.__name__} failed: {error}", file=sys.stderr)
    return bench


def main(words: Sequence[str] | None = None) -> int:
    """Print the table and write bench/results.json. Exit code 1 when a step could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("size", nargs="?", default=None, metavar="N=100000", help="conversations")
    parser.add_argument("--n", type=int, default=10_000, help="conversations (default 10000)")
    parser.add_argument("--keep", type=Path, help="keep the workspace in this folder")
    parser.add_argument(
        "--without", nargs="*", default=(), metavar="STEP", help="steps to leave out: postgres, rival, browse"
    )
    args = parser.parse_args(words)
    conversations = int(args.size.removeprefix("N=")) if args.size else args.n
    os.environ["SUPPORTLENS_NOW"] = NOW
    machine = _machine()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        bench = run(conversations, Home(args.keep.resolve() if args.keep else Path(scratch)), args.without)
    results = {"conversations": conversations, "machine": machine, **bench.figures, **bench.details}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    if machine["load_average"] > 0.5:
        print(f"this machine was busy with other work (load {machine['load_average']:.1f} at the start)")
    print(f"{conversations:,} conversations, {bench.figures.get('messages') or 0:,.0f} messages\n")
    print(bars.table(bars.judged(bench.figures, conversations, bench.left_out)))
    print("\nmeasured beside these:")
    for name, value in bench.figures.items():
        if name not in {bar.key for bar in bars.BARS}:
            print(f"  {name:20} {value:,.2f}" if value is not None else f"  {name:20} -")
    print(f"\nin full: {RESULTS.relative_to(PROJECT)}")
    return 1 if "failed" in bench.details else 0


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
        "system": platform.system(),
    }


if __name__ == "__main__":
    sys.exit(main())
