"""The dashboard: settings of the page, the door, the frame, the menu, the filter bar, then the chosen page."""

from __future__ import annotations

import streamlit as st

from ui import door, errors, filters, frame, look, navigation, resources, sheet, steps, views
from ui.server import meters

# The icon comes before the menu: otherwise the browser fetches one from outside.
st.set_page_config(
    page_title="Supportlens", page_icon=str(frame.ICON), layout="wide", menu_items={"About": frame.ABOUT}
)
viewer = door.let_in()
steps.one_for_a_deed()
look.watch()
steps.write_again()
page = st.navigation(navigation.pages(viewer), expanded=True)
door.lead_on()
views.follow(page.title)
st.logo(str(frame.LOGO), size="large", icon_image=str(frame.ICON))
sheet.begin(page.title)
door.badge()
door.saw(page.title)
place = frame.header(page.title, page.icon)
shown = resources.generation()
frame.watch(shown, viewer.name)
if shown is None and navigation.needs_data(page.title):
    frame.nothing_published()
    st.stop()
frame.stale_warning()
is_filtered = shown is not None and navigation.is_filtered(page.title)
if is_filtered:
    with errors.boundary("Filters"):
        filters.bar(page.title)
        filters.explain()
    if not filters.are_read():  # what is published cannot be opened, which was said: no card has a number
        st.stop()
else:
    filters.away()
with place, errors.boundary("Notes and views"):
    frame.tools(page.title, is_filtered=is_filtered)
with meters.page(page.title), errors.boundary(page.title):
    page.run()
steps.complete()
