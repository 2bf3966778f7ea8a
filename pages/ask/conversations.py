"""Show me the conversations: the list behind the numbers, and one thread with its computed facts."""

from ui import evidence, filters

wanted = evidence.wanted()
if wanted:
    evidence.one(*wanted)
else:
    evidence.listing(filters.current())
