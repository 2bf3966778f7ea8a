"""Reads a source and dies by kill -9 after so many commits: `python -m tests.connectors.killed HOME N < source`."""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from core.home import Home
from core.settings import Source
from jobs.reading import Engine, read_source
from store.runs import RunLog
from store.writer import Writer


class DyingWriter(Writer):
    left = int(sys.argv[2])

    def _died(self, applied: Any) -> Any:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return applied

    def apply(self, *args: Any, **kwargs: Any) -> Any:
        return self._died(super().apply(*args, **kwargs))

    def apply_file(self, *args: Any, **kwargs: Any) -> Any:
        return self._died(super().apply_file(*args, **kwargs))


home = Home(Path(sys.argv[1]))
engine = Engine(DyingWriter(home, run_id="killed"), RunLog(home), threading.Event(), pace=0.0)
report = read_source(engine, Source(**json.load(sys.stdin)), full=False, trigger="manual")
print(report.status, report.errors)
