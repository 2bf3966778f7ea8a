"""MCP over the reference server against the contract of all connectors."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from tests.connectors.contract import ConnectorContract
from tests.connectors.mcp_lab import GAPS, McpLab, installed_reference
from tests.connectors.world import Lab


@pytest.mark.slow
class TestMcpReferenceServer(ConnectorContract):
    gaps: ClassVar[Mapping[str, str]] = GAPS
    any_order = False

    @pytest.fixture
    def lab(self, tmp_path: Path, require_service: Callable[[str], str]) -> Lab:
        folder = tmp_path / "served"
        return McpLab(folder, (*installed_reference(require_service), str(folder)))
