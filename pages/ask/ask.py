"""Why? A question in plain words, answered with numbers and the conversations that prove them."""

from ui import ask

ask.page()
