"""The files connector against the contract of all connectors."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.contract import ConnectorContract, Lab, Message


class FileLab(Lab):
    def __init__(self, path: Path) -> None:
        self.path = path

    def options(self) -> dict[str, Any]:
        return {"kind": "files", "path": str(self.path)}

    def hold(self, messages: Sequence[Message]) -> None:
        header = list(dict.fromkeys(key for row in messages for key in row))
        with self.path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, header)
            writer.writeheader()
            writer.writerows(messages)


class TestFiles(ConnectorContract):
    @pytest.fixture
    def lab(self, tmp_path: Path) -> Lab:
        return FileLab(tmp_path / "messages.csv")
