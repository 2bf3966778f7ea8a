"""`python -m jobs …`: the headless face of everything a page can do."""

from __future__ import annotations

import sys

from jobs.cli import main

if __name__ == "__main__":
    sys.exit(main())
