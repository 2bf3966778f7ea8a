"""What is unusual: scores of any series, incidents of a workspace, and what people said of them."""

from analytics.anomalies.stream import score_stream

__all__ = ["score_stream"]
