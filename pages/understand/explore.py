"""Any number by anything: metrics by rows, columns and time, within any filters."""

from ui import explore_view

explore_view.page()
