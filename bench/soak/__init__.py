"""Half an hour of everything at once, held against the truth that the sources keep of themselves."""
