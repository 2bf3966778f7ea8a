"""MCP over the product's own server against the contract of all connectors."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from tests.connectors.contract import CANARY, ConnectorContract, Lab
from tests.connectors.mcp_lab import GAPS, McpLab


class TestMcpOwnServer(ConnectorContract):
    gaps: ClassVar[Mapping[str, str]] = GAPS
    any_order = False

    @pytest.fixture
    def lab(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
        monkeypatch.setenv("MCP_TEST_TOKEN", CANARY)
        return McpLab(tmp_path / "served", env={"TOKEN": "env:MCP_TEST_TOKEN"})
