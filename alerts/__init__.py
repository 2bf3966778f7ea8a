"""Word to people when a number leaves its level: rules, incidents, an outbox, and the channels it goes through."""
