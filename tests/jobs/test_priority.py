"""Whose turn it is on a busy machine."""

import subprocess
import sys

import pytest

from core.home import PROJECT

SAYS = "import os, sys; from jobs.__main__ import step_back; was = os.nice(0); step_back(sys.argv[1:]); print(os.nice(0) - was)"


@pytest.mark.parametrize(
    ("words", "steps"), [(("refresh", "--full"), "10"), (("metric", "refresh"), "0"), ((), "0")]
)
def test_a_refresh_lets_others_go_first(words: tuple[str, ...], steps: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAYS, *words], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == steps
