"""MCP over the product's own server against the contract of all connectors."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from tests.connectors.contract import ConnectorContract
from tests.connectors.mcp_lab import McpLab, misbehaving
from tests.connectors.world import CANARY, Lab, World


class TestMcpOwnServer(ConnectorContract):
    gaps: ClassVar[Mapping[str, str]] = {}
    any_order = False

    @pytest.fixture
    def lab(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
        monkeypatch.setenv("MCP_TEST_TOKEN", CANARY)
        return McpLab(tmp_path / "served", env={"TOKEN": "env:MCP_TEST_TOKEN"})

    @pytest.mark.point(7)
    def test_faults_of_http(self, world: World, tmp_path: Path) -> None:
        """It speaks over pipes: a server that ends in the middle of an answer, whenever it is started again."""
        report = World(misbehaving("dies", tmp_path / "other"), world.home).sync()
        assert report.error is not None
        assert report.error.code == "transient"

    @pytest.mark.point(8)
    def test_a_page_that_does_not_move_on(self, world: World, tmp_path: Path) -> None:
        report = World(misbehaving("loops", tmp_path / "other"), world.home).sync()
        assert report.error is not None
        assert report.error.code == "no_progress"
