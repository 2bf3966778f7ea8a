"""`python -m jobs …`: the headless face of everything a page can do."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from jobs.cli import main

NICENESS = 10


def step_back(words: Sequence[str]) -> None:
    """A refresh lets pages and questions go first; with nothing else to do on the machine it is as fast as without."""
    if list(words[:1]) == ["refresh"] and hasattr(os, "nice"):
        os.nice(NICENESS)


if __name__ == "__main__":
    step_back(sys.argv[1:])
    sys.exit(main())
