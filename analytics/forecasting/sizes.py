"""Shares and means of few conversations: drawn to the weeks before them, so that three replies are no bad day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 10  # conversations, from which a value stands for itself


def weighed(values: pd.DataFrame, sizes: pd.DataFrame, before: int) -> tuple[pd.DataFrame, pd.Series]:
    """Values (periods by series) of n < 10 mixed n / 10 with the mean, by n, of so many periods before; how many were.

    Nothing after a period is used for it. Where nothing is known before, a value stays.
    """
    n = sizes.reindex_like(values).fillna(0.0).where(values.notna(), 0.0)
    counted = (values.fillna(0.0) * n).shift(1).rolling(before, min_periods=1).sum()
    total = n.shift(1).rolling(before, min_periods=1).sum()
    mean = counted / total.where(total > 0)
    share = np.minimum(n / ENOUGH, 1.0)
    few = values.notna() & (n < ENOUGH) & mean.notna()
    return values.mask(few, share * values + (1 - share) * mean), few.sum()
