"""Who signed in, saw, asked, exported and changed what?"""

from ui import audit_view, cards

with cards.section(
    "Audit log", "The newest first. Entries are added by the program; nobody can alter or remove one."
):
    audit_view.show()
