"""A page as one HTML file that needs nothing else: what is on screen, offline, in light and dark, on paper."""

from ui.report.button import button
from ui.report.html import Source, page

__all__ = ["Source", "button", "page"]
