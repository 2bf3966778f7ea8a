"""Where the key of the warehouse may lie, and what is no key."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import encryption, log
from core.encryption import resolved
from core.errors import ConfigError
from core.home import Home
from core.settings import load_settings

KEY = "a-key-of-forty-characters-or-so-" + "z" * 8


def settings(home: Home, table: str) -> None:
    home.settings_file.write_text(f"[storage]\n{table}\n")


def test_nothing_is_encrypted_by_default(home: Home) -> None:
    assert encryption.key(home) is None and encryption.variables(home) == {}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (f'encryption_key = "{KEY}"\nencrypted_volume = true', "says where the key lies"),
        ('encryption_key = "secret:warehouse"\nencrypted_volume = true', "says where the key lies"),
        ('encryption_key = "env:HOME_KEY"', "covers the warehouse alone"),
        ('encryption_key = "env:HOME_KEY"\nencrypted_volume = true', "HOME_KEY, which is not set"),
    ],
)
def test_what_is_no_place_for_a_key_is_refused(home: Home, table: str, says: str) -> None:
    settings(home, table)
    with pytest.raises(ConfigError, match=says) as told:
        encryption.key(home)
    assert KEY not in str(told.value)


def test_the_key_is_found_and_never_logged(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(home, 'encryption_key = "env:HOME_KEY"\nencrypted_volume = true')
    monkeypatch.setenv("HOME_KEY", KEY)
    assert encryption.key(home) == KEY and KEY not in log.blot(f"with {KEY}")
    load_settings(home)
    home.settings_file.unlink()
    assert encryption.key(home) == KEY  # those that were read last count
    assert encryption.variables(home) == {
        "SUPPORTLENS_STORAGE__ENCRYPTION_KEY": "env:HOME_KEY",
        "SUPPORTLENS_STORAGE__ENCRYPTED_VOLUME": "True",
    }


def test_a_key_file_is_its_owners_alone_and_lies_elsewhere(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "key"
    with pytest.raises(ConfigError, match="cannot be read"):
        resolved(f"file:{file}", home)
    file.write_text(f"{KEY}\n")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="other users"):
        resolved(f"file:{file}", home)
    file.chmod(0o600)
    assert resolved(f"file:{file}", home) == KEY
    inside = home.root / "key"
    file.rename(inside)
    with pytest.raises(ConfigError, match="lies in the home"):
        resolved(f"file:{inside}", home)
    (tmp_path / "link").symlink_to(inside)
    with pytest.raises(ConfigError, match="lies in the home"):
        resolved(f"file:{tmp_path / 'link'}", home)


def test_a_short_key_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME_KEY", "0123456789")
    with pytest.raises(ConfigError, match="shorter than 32") as told:
        resolved("env:HOME_KEY", home)
    assert "0123456789" not in str(told.value)
