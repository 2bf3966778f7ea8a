"""Numbers in words: a change that is not to be seen is neither good nor bad."""

from dataclasses import replace

import pytest

from analytics.compute import compute
from analytics.result import Change
from core.filters import Filters
from core.settings import Settings
from core.viewer import EVERYTHING
from store.reader import open_reader
from ui import words


@pytest.mark.parametrize(
    ("moved", "told", "good"),
    [(0.004, "0 pp", None), (-0.004, "0 pp", None), (0.02, "+2 pp", True), (-0.02, "-2 pp", False)],
)
def test_what_is_shown_as_no_change_is_not_judged(sample_home, now, moved, told, good):
    reader = open_reader(sample_home)
    found = compute(reader, "csat_share", Filters(), settings=Settings(), viewer=EVERYTHING)
    shown = replace(found, change=Change(moved, None, moved > 0))
    assert words.change(shown) == told and words.judged(shown) is good
