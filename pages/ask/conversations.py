"""Show me the conversations: the list behind the numbers, and one thread with its computed facts."""

from ui import conversations, evidence, filters

wanted = evidence.wanted()
if wanted:
    conversations.one.draw(*wanted)
else:
    conversations.listing.draw(filters.current())
