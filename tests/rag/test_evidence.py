"""Which sentence of a conversation is quoted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.effective import effective_settings
from core.home import Home
from core.settings import load_settings
from rag.ask import ask
from rag.context import RagContext


@pytest.mark.parametrize(
    ("matter", "beside"),
    [
        (
            "Mein Paket ist am Montag nicht angekommen.",
            "Mit freundlichen Grüßen aus München, Ihre Paketkundin",
        ),
        ("Un colis manque depuis lundi.", "Merci d'avance et bonne journée, le client du colis"),
        ("My parcel did not arrive on Monday.", "You can call me about my parcel at +49 170 1234 5678."),
        ("My parcel did not arrive on Monday.", "Write to jo@example.com about my parcel, please."),
    ],
)
def test_what_is_quoted_is_about_the_matter(
    home: Home, publish: Callable[..., Any], matter: str, beside: str
) -> None:
    texts = [f"{beside}\n{matter}\n{beside}"]
    reader = publish({f"c{i}": {"texts": texts, "subject": "Paket, colis, parcel"} for i in range(3)})
    context = RagContext(home, effective_settings(home, load_settings(home)), reader)
    answer = ask("Show me conversations about the parcel or Paket or colis", context, keep=False)
    assert [one.quote for one in answer.citations][:1] == [matter]
