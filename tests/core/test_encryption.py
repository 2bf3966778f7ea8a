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


MOUNTS = """rootfs / ext4 rw 0 0
tmpfs /dev/shm tmpfs rw 0 0
tmpfs /with\\040space tmpfs rw 0 0
/dev/sda /dev/shm/disk ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "is_so"),
    [("/dev/shm/one", True), ("/with space/one", True), ("/dev/shm/disk/one", False), ("/dev/shmother", False),
     ("/home", False)],
)  # fmt: skip
def test_a_folder_in_memory_is_told_from_one_on_a_disk(folder: str, is_so: bool, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert encryption.is_in_memory(Path(folder), mounts) is is_so
    assert not encryption.is_in_memory(Path(folder), tmp_path / "none")


def test_a_key_needs_memory_and_a_database_where_there_is_no_encrypted_volume(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encryption, "is_in_memory", lambda folder: folder == tmp_path / "memory")
    monkeypatch.setenv("HOME_KEY", KEY)
    key, folder = 'encryption_key = "env:HOME_KEY"\n', f'memory_folder = "{tmp_path / "memory"}"'
    settings(home, key + folder)
    with pytest.raises(ConfigError, match="SUPPORTLENS_DATABASE_URL"):
        encryption.key(home)
    monkeypatch.setenv("SUPPORTLENS_DATABASE_URL", "postgresql://elsewhere/db")
    assert encryption.key(home) == KEY
    with pytest.raises(ConfigError, match="would lie readable"):
        encryption.refuse_readable(home, "uploaded files")
    settings(home, key + f'memory_folder = "{tmp_path / "disk"}"')
    with pytest.raises(ConfigError, match="file system in memory"):
        encryption.key(home)


def test_index_and_copies_lie_in_the_folder_that_is_named_and_are_the_owners_alone(
    home: Home, tmp_path: Path
) -> None:
    assert home.searching == home.root and home.incoming == home.cache / "incoming"
    settings(home, f'memory_folder = "{tmp_path / "memory"}"')
    inside = home.searching
    assert inside.is_relative_to(tmp_path / "memory") and inside.stat().st_mode & 0o777 == 0o700
    assert {home.index.parent, home.vectors.parent, home.incoming.parent} == {inside}
    assert Home(tmp_path / "other").root == Home(tmp_path / "other").searching
    inside.chmod(0o755)
    with pytest.raises(ConfigError, match="read by others"):
        assert home.index
    settings(home, 'memory_folder = "not/absolute"')
    with pytest.raises(ConfigError, match="absolute"):
        assert home.index


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
