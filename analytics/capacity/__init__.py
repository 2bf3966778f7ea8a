"""How long it holds and how many it takes: the backlog's path ahead, and people by the hour."""
