"""Sessions without a browser: whoever speaks to the server directly gets what the door gives, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from bench.served import free_port
from core.home import Home
from tests.browser.conftest import serving
from tests.shared import copy_of

ACCESS = """
[sign_in]
by = "proxy"
address = "{address}"
proxies = {proxies}
[[access]]
who = ["ada@example.com"]
role = "admin"
[[access]]
who = ["vic@example.com"]
role = "viewer"
teams = ["Billing"]
"""
Said = Callable[..., str]


@pytest.fixture(scope="module")
def behind(sample_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Home]]:
    home = copy_of(sample_home, tmp_path_factory.mktemp("behind") / "home")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    home.settings_file.write_text(ACCESS.format(address=address, proxies='["127.0.0.0/8"]'))
    with serving(home, port) as base:
        yield base, home


@pytest.fixture
def said(behind: tuple[str, Home]) -> Said:
    """Everything the server sends to a session that asks for a page, until its script has run."""

    def speak(page: str, headers: dict[str, str], session: str = "") -> str:
        base = behind[0]
        protocols = ["streamlit", "", session] if session else ["streamlit"]
        parts: list[str] = []
        with connect(
            f"ws://{urlsplit(base).netloc}/_stcore/stream", additional_headers=headers, subprotocols=protocols,  # type: ignore[arg-type]
            open_timeout=20, max_size=None,
        ) as socket:  # fmt: skip
            asked = BackMsg()
            asked.rerun_script.page_name = page
            socket.send(asked.SerializeToString())
            while True:
                message = ForwardMsg()
                message.ParseFromString(socket.recv(timeout=60))  # type: ignore[arg-type]
                parts.append(str(message))
                if message.WhichOneof("type") == "script_finished":
                    return "\n".join(parts)

    return speak


def data_in(words: str) -> bool:
    return "arrow_data_frame" in words or "plotly_chart" in words or "metric {" in words


@pytest.mark.parametrize(
    "headers", [{}, {"X-Forwarded-Email": ""}, {"X-Forwarded-Email": "mallory@example.com"}]
)
def test_a_session_of_nobody_gets_no_data(said: Said, headers: dict[str, str]) -> None:
    for page in ("", "volume", "conversations", "audit_log", "data_jobs"):
        assert not data_in(said(page, headers)), page


def test_a_session_of_somebody_gets_their_pages(said: Said) -> None:
    assert data_in(said("", {"X-Forwarded-Email": "ada@example.com"}))
    assert "Who signed in" in said("audit_log", {"X-Forwarded-Email": "ada@example.com"})
    assert "Entries are added by the program" not in said(
        "audit_log", {"X-Forwarded-Email": "vic@example.com"}
    )


def test_the_address_of_the_connection_counts_not_what_a_header_says_of_it(
    behind: tuple[str, Home], said: Said
) -> None:
    base, home = behind
    before = home.settings_file.read_text()
    home.settings_file.write_text(ACCESS.format(address=base, proxies='["10.9.8.0/24"]'))
    try:
        spoofed = {
            "X-Forwarded-Email": "ada@example.com",
            "X-Forwarded-For": "10.9.8.7",
            "X-Real-IP": "10.9.8.7",
        }
        words = said("", spoofed)
        assert not data_in(words)
        assert "through its proxy only" in words
    finally:
        home.settings_file.write_text(before)


def test_another_host_or_origin_is_refused(behind: tuple[str, Home]) -> None:
    place = f"ws://{urlsplit(behind[0]).netloc}/_stcore/stream"
    for headers in ({"Origin": "https://evil.example.org"},):
        with (
            pytest.raises((InvalidStatus, ConnectionError, OSError)),
            connect(place, additional_headers=headers),
        ):
            pass
