"""The menu: one row a page. A test compares it with the files, both ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from core.home import PROJECT
from core.viewer import Right

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

    from core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: its file below `pages/`, its place in the menu and what it answers."""

    section: str
    file: str
    title: str
    icon: str
    help: str
    is_filtered: bool = False  # whether the filter bar means anything on it
    needs_data: bool = True  # whether there is nothing to see before the first refresh
    right: Right | None = None  # without which it is not in the menu, and its address leads nowhere

    @property
    def path(self) -> str:
        """The file from the root of the checkout, as `st.page_link` wants it."""
        return f"pages/{self.file}"

    @property
    def slug(self) -> str:
        """The page's address below the root."""
        return self.file.rsplit("/", 1)[-1].removesuffix(".py")


MENU: tuple[Entry, ...] = (
    Entry("Watch", "watch/overview.py", "Overview", ":material/monitoring:",
          "Are we fine, and what changed? Volume, backlog, speed and mood against the period before.", True),
    Entry("Watch", "watch/live.py", "Live", ":material/bolt:",
          "What needs hands now? Open, unassigned, waiting and breaching conversations, and those at risk.", True),
    Entry("Watch", "watch/my_page.py", "My page", ":material/push_pin:",
          "The numbers and tables you pinned, in your order, each with the filters it was pinned with."),
    Entry("Understand", "understand/volume.py", "Volume", ":material/stacked_bar_chart:",
          "How much comes in, when, from where, about what, and how much is coming.", True),
    Entry("Understand", "understand/flow.py", "Backlog & flow", ":material/water:",
          "Are we keeping up? What is open, how old it is, and who waits for whom.", True),
    Entry("Understand", "understand/speed.py", "Speed & SLA", ":material/speed:",
          "Do we answer in time? Reply and resolution times, targets, and where they are missed.", True),
    Entry("Understand", "understand/satisfaction.py", "Satisfaction", ":material/sentiment_satisfied:",
          "How do customers feel, and why? Ratings with their interval, mood, and what the unhappy wrote.", True),
    Entry("Understand", "understand/topics.py", "Topics & drivers", ":material/category:",
          "What do they write about, what is new, what rises, and what goes with trouble?", True),
    Entry("Understand", "understand/anomalies.py", "Anomalies & events", ":material/notification_important:",
          "What was unusual, what does it go with, and what is known of these days?", True),
    Entry("Understand", "understand/team.py", "Team", ":material/groups:",
          "Who needs help, and is the work spread evenly? How people spread, before anybody is ranked.", True),
    Entry("Understand", "understand/explore.py", "Explore", ":material/pivot_table_chart:",
          "Any number by anything: pick metrics, rows, columns and time; every cell opens its conversations.", True),
    Entry("Ask", "ask/ask.py", "Ask", ":material/forum:",
          "A question in plain words, answered with numbers and the conversations that prove them."),
    Entry("Ask", "ask/conversations.py", "Conversations", ":material/inbox:",
          "The conversations behind the numbers: list, search, and one thread with its computed facts.", True),
    Entry("Operate", "operate/alerts.py", "Alerts", ":material/notifications:",
          "Who is told what, when? Incidents, rules with a preview on history, channels, and what was sent.", needs_data=False),
    Entry("Operate", "operate/data_jobs.py", "Data & jobs", ":material/database:",
          "Is the data right and on time? Sources, refreshes, rows set aside, and loading a file.", needs_data=False,
          right="refresh"),
    Entry("Operate", "operate/settings.py", "Settings", ":material/settings:",
          "What is set and what it means: hours, targets, options, and the definition of every number.", needs_data=False),
    Entry("Operate", "operate/audit_log.py", "Audit log", ":material/policy:",
          "Who signed in, saw, asked, exported and changed what.", needs_data=False, right="manage"),
)  # fmt: skip

OVERVIEW = "pages/watch/overview.py"
VOLUME = "pages/understand/volume.py"
ASK = "pages/ask/ask.py"
EXPLORE = "pages/understand/explore.py"
SETTINGS = "pages/operate/settings.py"
CONVERSATIONS = "pages/ask/conversations.py"
LIVE = "pages/watch/live.py"
DATA_JOBS = "pages/operate/data_jobs.py"
ALERTS = "pages/operate/alerts.py"


def pages(viewer: Viewer) -> dict[str, list[StreamlitPage]]:
    """The viewer's menu as Streamlit takes it: sections with their pages; the first page is the start page."""
    sections: dict[str, list[StreamlitPage]] = {}
    for entry in MENU:
        if entry.right is not None and not viewer.may(entry.right):
            continue
        sections.setdefault(entry.section, []).append(page_of(entry))
    return sections


def page_of(entry: Entry) -> StreamlitPage:
    """A row of the menu as Streamlit knows it."""
    import streamlit as st

    return st.Page(
        PROJECT / entry.path, title=entry.title, icon=entry.icon, help=entry.help, default=entry == MENU[0]
    )


def go(page: str, **parameters: str | list[str]) -> NoReturn:
    """Switch to a page; for callbacks. `parameters` go into its address, the filters by themselves."""
    import streamlit as st

    # Without a mapping Streamlit refuses to leave an address whose parameters belong to widgets.
    st.switch_page(page, query_params=parameters)


def open_conversation(source_id: str, conversation_id: str, message_id: str = "") -> None:
    """Open one conversation on its page, at one of its messages where it is named; for callbacks of buttons."""
    at = {"message": message_id} if message_id else {}
    go(CONVERSATIONS, conversation=f"{source_id}/{conversation_id}", **at)


def needs_data(title: str) -> bool:
    """Whether a page has nothing to show before the first refresh."""
    return all(e.needs_data for e in MENU if e.title == title)


def is_filtered(title: str) -> bool:
    """Whether a page shows what the filter bar chooses: not a page of jobs, and not one conversation."""
    from ui import state

    return any(e.is_filtered for e in MENU if e.title == title) and state.link("conversation") is None
