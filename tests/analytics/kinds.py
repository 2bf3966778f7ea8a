"""One metric of each kind over each table: what is shared by all metrics is tested on these."""

from __future__ import annotations

from analytics.catalogue import METRICS


def one_of_each() -> list[str]:
    """The first metric of every table, kind and way to extend it."""
    first = {(m.table, m.kind, m.extend is None): m.name for m in reversed(METRICS.all())}
    return sorted(first.values())
