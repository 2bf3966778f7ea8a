"""Reads a source to its end without a store: prints rows and peak memory in bytes."""

import json
import re
import sys
from pathlib import Path

import pyarrow as pa

from connectors.base import ReadContext, configured
from core.settings import Source
from core.stream import KEYS, Batch, FileRead, Page

folder = Path(sys.argv[1])
source = Source(**json.load(sys.stdin))
context = ReadContext(source.name, full=True, pace=0.0, folder=folder)
context.missing = lambda stream: pa.table({key: pa.array([], pa.string()) for key in KEYS[stream]})
rows = 0
for item in configured(source).read(context):
    if isinstance(item, Batch | Page):
        rows += item.rows.num_rows
    elif isinstance(item, FileRead):
        rows += 10**9  # the store reads it by itself
# Not getrusage: its peak includes the process that started us, as it was when it forked.
peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
print(rows, int(peak[1]) * 1024 if peak else 0)
