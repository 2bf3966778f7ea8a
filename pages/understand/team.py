"""Who needs help, and is the work spread evenly? How people spread, before anybody is ranked."""

from ui import cards, filters, social, team
from ui.cards import Card

team.summary()
cards.row(
    [
        Card("replies", "Replies", chart="bar"),
        Card("replies_per_agent_hour", "Replies per agent hour"),
        Card("one_touch_rate", "One-touch"),
        Card("reopen_rate", "Reopened"),
        Card("open_per_agent", "Open per agent"),
    ]
)
with cards.section("How people spread", team.NOT_A_RANK):
    team.spread()
with cards.section("Agent by agent", filters.told()):
    team.matrix()
with cards.section("Who holds how much", "Open at the end of the period. It is load, not effort."):
    team.workload()
social.section()
