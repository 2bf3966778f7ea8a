"""An address that cannot be read is refused without a word of it."""

import pytest

from connectors.base import ReadContext, configured
from connectors.mysql import MysqlConnector
from connectors.postgres import PostgresConnector
from core.errors import ConfigError
from core.settings import Source

CANARY = "canary-zz"
BAD = {
    "postgres": [
        f"postgresql://reader:ab@{CANARY}@127.0.0.1:1/x", f"postgresql://reader:ab/{CANARY}@127.0.0.1:1/x",
        f"postgresql://reader:{CANARY}#z@127.0.0.1:1/x", f"host=127.0.0.1 password=my {CANARY} user=x",
        f"postgresql://127.0.0.1:{CANARY}/x",
    ],
    "mysql": [
        f"mysql://u:{CANARY}#zz@127.0.0.1:1/x", f"mysql://u:ab/{CANARY}@127.0.0.1:1/x",
        f"mysql://u:ab@{CANARY}@127.0.0.1:1/x", f"mysql://127.0.0.1:{CANARY}/x",
    ],
}  # fmt: skip
GOOD = {
    "postgres": ["postgresql://reader:a%40b%23@127.0.0.1:1/x?sslmode=disable", "host=127.0.0.1 port=1 user=x",
                 "postgresql://127.0.0.1:1/x", "postgresql://u@[::1]:1/x"],
    "mysql": ["mysql://u:a%2Fb@127.0.0.1:1/x", "mysql://127.0.0.1:1/x"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "dsn"), [(kind, dsn) for kind, found in BAD.items() for dsn in found])
def test_it_is_refused_in_our_own_words(kind: str, dsn: str) -> None:
    connector = configured(Source(name="db", kind=kind, dsn=dsn, conversations="tickets"))
    (result,) = connector.check(ReadContext("db"))
    assert (result.status, result.code) == ("error", "bad_config")
    assert CANARY not in f"{result.message} {result.hint}"
    assert "%40" in result.hint
    with pytest.raises(ConfigError) as caught:
        list(connector.read(ReadContext("db", pace=0.0)))
    assert CANARY not in repr(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(("kind", "dsn"), [(kind, dsn) for kind, found in GOOD.items() for dsn in found])
def test_others_are_tried(kind: str, dsn: str) -> None:
    assert (PostgresConnector.kind, MysqlConnector.kind) == ("postgres", "mysql")
    connector = configured(
        Source(name="db", kind=kind, dsn=dsn, conversations="tickets", connect_timeout_s=1)
    )
    (result,) = connector.check(ReadContext("db"))
    assert result.code == "transient"
