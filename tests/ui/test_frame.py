from datetime import UTC, datetime, timedelta

import pytest
import streamlit as st

from core.access import SignIn
from core.home import PROJECT
from ui import frame
from ui.freshness import Freshness, SourceState


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("[::1]", True), ("localhost", True),
     ("0.0.0.0", False), ("::", False), ("192.168.1.5", False), ("", False), (None, False), ("example.org", False)],
)  # fmt: skip
def test_only_this_machine_is_served(address, expected):
    assert SignIn().may_serve(address) is expected
    assert SignIn(serve_everybody=True).may_serve(address)


def test_a_publish_is_stale_after_a_day_and_two_hours(now):
    def is_stale(published):
        return Freshness(1, published, None, ()).is_stale

    assert not is_stale(now - timedelta(hours=25))
    assert is_stale(now - timedelta(hours=27))
    assert is_stale(datetime(2026, 11, 1, tzinfo=UTC))


def test_the_server_binds_this_machine_and_reports_to_nobody():
    assert st.get_option("server.address") == "127.0.0.1"
    assert st.get_option("browser.gatherUsageStats") is False
    assert st.get_option("server.enableAgentApi") is False
    assert st.get_option("client.disableDataExport") is True, "what is taken out is noted"


def test_every_line_of_the_configuration_has_its_reason():
    lines = (PROJECT / ".streamlit" / "config.toml").read_text().splitlines()
    options = [line for line in lines if " = " in line and not line.startswith("#")]
    assert len(options) > 30
    assert [line for line in options if "# " not in line.split(" = ", 1)[1].replace('"#', "")] == []


def test_a_refresh_that_finds_nothing_new_keeps_the_data_fresh_and_a_failed_one_does_not(now):
    def told(status: str, hours: int, until: datetime) -> str:
        source = SourceState("s", "files", status, "", now - timedelta(hours=hours))
        return frame._state(Freshness(1, now - timedelta(days=9), until, (source,)))[0]

    yesterday = datetime(2026, 11, 15, tzinfo=UTC)
    assert told("ok", 2, yesterday) == "fresh"
    assert told("ok", 30, yesterday) == "stale"
    assert told("failed", 2, yesterday) == "source failed"
    assert told("ok", 2, datetime(2018, 2, 28, tzinfo=UTC)) == "up to date, but old"
