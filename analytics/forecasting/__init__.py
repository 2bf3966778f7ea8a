"""Forecasts of many series at once: a tested blend of simple members, with bands that say what they held."""

from analytics.forecasting.calendars import Calendar
from analytics.forecasting.outcome import ForecastSet
from analytics.forecasting.panel import forecast_panel

__all__ = ["Calendar", "ForecastSet", "forecast_panel"]
