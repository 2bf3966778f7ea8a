"""Loads messages with dlt: run by the interpreter of dlt's own environment, never by ours.

    dlt_program.py ROWS_CSV FOLDER merge|append

The rows lie in memory as dicts before the clock starts, and go through Parquet into an empty DuckDB file:
merged by their id, as ours are, or appended, which is less work. Prints {"seconds", "rows", "version"} as JSON.
"""

from __future__ import annotations

import csv
import importlib
import json
import sys
import time
from pathlib import Path


def main(rows_csv: str, folder: str, how: str) -> None:
    """Load once into a new pipeline."""
    dlt = importlib.import_module("dlt")
    with Path(rows_csv).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    pipeline = dlt.pipeline(
        pipeline_name="bench", pipelines_dir=f"{folder}/pipelines", dataset_name="support",
        destination=dlt.destinations.duckdb(f"{folder}/loaded.duckdb"),
    )  # fmt: skip
    begun = time.perf_counter()
    pipeline.run(
        rows, table_name="messages", loader_file_format="parquet", write_disposition=how,
        primary_key="message_id" if how == "merge" else None,
    )  # fmt: skip
    seconds = time.perf_counter() - begun
    with pipeline.sql_client() as client:
        (loaded,) = client.execute_sql("SELECT count(*) FROM messages")[0]
    print(json.dumps({"seconds": seconds, "rows": loaded, "version": dlt.__version__}))


if __name__ == "__main__":
    main(*sys.argv[1:4])
