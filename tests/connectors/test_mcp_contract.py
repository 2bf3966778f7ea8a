"""The MCP connector against the contract of all connectors, over the product's own and the reference server."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from tests.connectors.contract import CANARY, Lab
from tests.connectors.mcp_lab import McpLab, installed_reference
from tests.connectors.test_files_contract import FILES, FilesContract


class TestMcpOwnServer(FilesContract):
    gaps: ClassVar[Mapping[str, str]] = {
        **FILES,
        "an HTTP fault": "the server speaks over pipes; one that dies or hangs is in test_mcp.py",
        "a page that does not move on": "shown in test_mcp.py",
    }

    @pytest.fixture
    def lab(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
        monkeypatch.setenv("MCP_TEST_TOKEN", CANARY)
        return McpLab(tmp_path / "served", env={"TOKEN": "env:MCP_TEST_TOKEN"})


@pytest.mark.slow
class TestMcpReferenceServer(FilesContract):
    gaps: ClassVar[Mapping[str, str]] = TestMcpOwnServer.gaps

    @pytest.fixture
    def lab(self, tmp_path: Path, require_service: Callable[[str], str]) -> Lab:
        folder = tmp_path / "served"
        return McpLab(folder, (*installed_reference(require_service), str(folder)))
