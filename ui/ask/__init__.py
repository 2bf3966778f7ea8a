"""Ask: a question, how it was understood, the answer with its proof, and what to do with it."""

from ui.ask.dialogue import page

__all__ = ["page"]
