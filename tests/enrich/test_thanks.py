from __future__ import annotations

import pytest

from enrich.thanks import is_thanks_sql
from tests.enrich.world import World


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
        (None, False),
    ],
)
def test_thanks(world: World, text: str | None, thanks: bool) -> None:
    rows = world.writer.query(f"SELECT {is_thanks_sql('body')} AS t FROM (SELECT ?::VARCHAR AS body)", [text])
    assert rows["t"][0].as_py() is thanks
