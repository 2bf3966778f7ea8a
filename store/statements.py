"""SQL texts that outlive the process that wrote them: files in the workspace's scratch folder, one a text.

An edition is a state of the program that writes them; those of another edition are taken away. What is lost or
damaged here is written anew, so nothing in here is worth an error.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path

from core.home import Home


def folder(home: Home) -> Path:
    """Where the texts of a workspace lie. They say nothing of the workspace: tests let all of theirs share one."""
    return home.cache / "statements"


class Statements:
    """The texts of one workspace and edition."""

    def __init__(self, home: Home, edition: str) -> None:
        self._all = folder(home)
        self._folder = self._all / edition

    def get(self, key: str) -> str | None:
        """The text that was kept under a key; None where there is none, or not as it was written."""
        try:
            digest, _, text = (self._folder / key).read_text(encoding="utf-8").partition("\n")
        except (OSError, UnicodeDecodeError):
            return None
        return text if digest == _digest(text) else None

    def put(self, key: str, text: str) -> None:
        """Keep a text. Whoever reads meanwhile finds all of it or nothing."""
        with suppress(OSError):  # a full or read-only disk
            if not self._folder.exists():
                self._make_room()
            part = self._folder / f"{key}.{os.getpid()}.part"
            try:
                part.write_text(f"{_digest(text)}\n{text}", encoding="utf-8")
                part.replace(self._folder / key)
            finally:
                part.unlink(missing_ok=True)

    def _make_room(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for other in self._all.iterdir():
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
