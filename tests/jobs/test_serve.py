"""What decides how the dashboard starts; tests/test_run.py starts it for real."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core import log
from core.errors import ConfigError
from core.home import Home
from core.settings import Settings
from jobs import serve
from jobs.cli import main
from jobs.family import Family
from jobs.serve import FRESH_ENOUGH, allowed, child_environment, needs_refresh, published_at
from jobs.timer import refresh_runner
from store import generations
from store.writer import Writer


def serving_on(on: str, **sign_in: object) -> Settings:
    return Settings.model_validate({"dashboard": {"address": on}, "sign_in": sign_in})


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_loopback_addresses_pass(address: str) -> None:
    assert allowed(serving_on(address)) == address


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.1", "example.org", "", "127.0.0.1.example.org"])
def test_every_other_address_is_refused_with_a_way_out(address: str) -> None:
    with pytest.raises(ConfigError, match="SSH tunnel"):
        allowed(serving_on(address))
    assert allowed(serving_on(address, serve_everybody=True)) == address
    proxy: dict[str, object] = {
        "by": "proxy",
        "address": "https://support.example.com",
        "proxies": ["10.0.0.0/8"],
    }
    assert allowed(serving_on(address, **proxy)) == address


def test_every_cache_of_our_children_lies_in_the_home(home: Home, tmp_path: Path) -> None:
    environment = child_environment(home, tmp_path / "s.toml")
    caches = [
        name
        for name in environment
        if name.endswith(("_CACHE_HOME", "CONFIGDIR", "_CACHE_DIR")) or name == "HF_HOME"
    ]
    assert {"XDG_CACHE_HOME", "HF_HOME", "MPLCONFIGDIR"} <= set(caches)
    for name in caches:
        assert Path(environment[name]).is_relative_to(home.cache), name
    assert environment["SUPPORTLENS_HOME"] == str(home.root)
    assert environment["SUPPORTLENS_SETTINGS"] == str(tmp_path / "s.toml")


def test_nothing_is_published_before_the_first_refresh_or_when_the_file_is_gone(
    home: Home, now: datetime
) -> None:
    assert published_at(home) is None
    writer = Writer(home, run_id="r")
    writer.close()
    generation = generations.publish(home, writer.path, keep=3)
    assert published_at(home) == now
    generation.path.unlink()
    assert published_at(home) is None


@pytest.mark.parametrize(
    ("age", "refreshes"), [(timedelta(0), False), (FRESH_ENOUGH, False), (FRESH_ENOUGH * 2, True)]
)
def test_a_start_refreshes_data_older_than_an_hour(
    home: Home, now: datetime, age: timedelta, refreshes: bool
) -> None:
    assert needs_refresh(home, None, now - age) is refreshes


@pytest.mark.parametrize("which", ["settings", "uploads"])
def test_a_start_refreshes_when_a_settings_file_is_newer_than_the_data(
    home: Home, now: datetime, which: str
) -> None:
    home.uploads.mkdir()
    file = home.settings_file if which == "settings" else home.uploads / "sources.toml"
    file.write_text("")
    for offset, refreshes in ((-60, False), (60, True)):
        moment = now.timestamp() + offset
        os.utime(file, (moment, moment))
        assert (
            needs_refresh(home, home.settings_file, datetime.fromtimestamp(now.timestamp(), UTC)) is refreshes
        )


@pytest.mark.parametrize("port", ["0", "http", "65536", "-1"])
def test_a_port_variable_that_is_no_port_is_a_sentence(home: Home, monkeypatch, capsys, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    assert main(["serve", "--home", str(home.root)]) == 1
    assert f"PORT is {port}" in capsys.readouterr().err


class Noted(Family):
    """A family that only notes what it was asked to start."""

    def __init__(self) -> None:
        self.asked = list[list[str]]()

    def start(self, command: Any, **more: Any) -> Any:
        self.asked.append(list(command))

    def wait(self, process: Any, **more: Any) -> int:
        return 0


@pytest.mark.parametrize("as_json", [False, True])
def test_children_write_their_log_lines_as_we_do(home: Home, as_json: bool) -> None:
    family = Noted()
    log.set_up()
    if as_json:
        log.write_json()
    serve._start_refresh(family, {}, "--quiet")
    serve._start_timer(family, {})
    refresh_runner(family, home, None)(["chat"])
    assert [("--log-json" in words) for words in family.asked] == [as_json] * 3
    assert family.asked[2][3:7] == ["refresh", "--trigger", "schedule", "--quiet"]
