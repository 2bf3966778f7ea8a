"""What a change goes with: slices of one or two dimensions, the mix of means, and conversations that show it."""

from analytics.rootcause.cube import Cube, from_days, of_counts
from analytics.rootcause.scan import Slice, find

__all__ = ["Cube", "Slice", "find", "from_days", "of_counts"]
