from types import SimpleNamespace

import pytest

from analytics.result import Row, Value
from ui import breakdown


def row(value, n, before=None, n_before=0, *, small=False):
    previous = Value(before, n_before) if before is not None else None
    return Row(None, ("Billing",), value, n, small=small, previous=previous)


@pytest.mark.parametrize(
    ("unit", "given", "expected"),
    [
        ("seconds", row(3600, 50, 2400, 40), "1 h 00 m (▲ 50 %)"),
        ("share", row(0.40, 50, 0.44, 40), "40 % (▼ 4 pp)"),
        ("count", row(30, 30, 30, 30), "30"),
        ("count", row(30, 30, 0, 0), "30"),
        ("seconds", row(60, 3, small=True), "–"),
        ("seconds", None, "–"),
    ],
)
def test_a_cell_has_its_value_and_its_change(unit, given, expected):
    assert breakdown.cell(SimpleNamespace(unit=unit), given) == expected
