"""Trends: where a number stands without its week, which way it goes, and on which days it moved for good."""

from analytics.trends.of_metric import Change, Trend, Trends, trends_of

__all__ = ["Change", "Trend", "Trends", "trends_of"]
