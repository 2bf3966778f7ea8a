from __future__ import annotations

import pytest

from enrich.thanks import Thanks, is_thanks
from tests.enrich.contract import MessageEnricherContract


class TestContract(MessageEnricherContract):
    enricher = Thanks()


@pytest.mark.parametrize(
    ("text", "thanks"),
    [
        ("Thanks!", True),
        ("THANK YOU VERY MUCH", True),
        ("Perfect, cheers. Anna", True),
        ("Merci", True),
        ("Vielen Dank für die Hilfe", True),
        ("thanks?", False),
        ("Thanks, but no", False),
        ("Thanks. It doesn't work", False),
        ("Thank you. " + "The story is longer than that and goes on and on " * 2, False),
        ("It broke", False),
        ("thanksgiving is near", False),
        ("", False),
    ],
)
def test_thanks(text: str, thanks: bool) -> None:
    assert is_thanks(text) is thanks
