"""MCP servers that misbehave: `python -m tests.fakes.mcp_servers MODE FOLDER`.

MODE: `hangs` never answers a reading; `dies` ends in the middle of one; `deaf` never answers at all; `unmarked` does
not say that its tools are read-only; `loops` lists the same page for ever; `grows` tells another size each time.
The process id is written to FOLDER/.pid, so that a test can see that the process has ended.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from pathlib import Path

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations

FILE = b"message_id,conversation_id,created_at,author_id,body_text\nm1,c1,2026-01-05T10:00:00Z,ann,hello\n"


def build(mode: str) -> MCPServer:
    """A server with one file that behaves as `mode` says."""
    server = MCPServer("misbehaving")
    told = None if mode == "unmarked" else ToolAnnotations(read_only_hint=True)
    sizes = iter(range(len(FILE), 10_000))

    @server.tool(annotations=told, structured_output=False)
    def list_files(after: str = "") -> str:
        """The one file."""
        files = [] if after and mode != "loops" else [{"name": "a.csv", "size": len(FILE), "modified_ns": 1}]
        return json.dumps({"files": files, "more": mode == "loops"})

    @server.tool(annotations=told, structured_output=False)
    def read_file_page(path: str, offset: int = 0) -> str:
        """Its bytes."""
        if mode == "hangs":
            time.sleep(600)
        if mode == "dies":
            sys.stderr.write(f"out of luck with {os.environ.get('TOKEN', '')}\n")
            sys.stderr.flush()
            os._exit(3)
        size = next(sizes) + 1 if mode == "grows" else len(FILE)
        data = base64.b64encode(FILE[offset:]).decode()
        return json.dumps({"size": size, "modified_ns": 1, "data": data})

    return server


if __name__ == "__main__":
    chosen, folder = sys.argv[1], Path(sys.argv[2])
    (folder / ".pid").write_text(str(os.getpid()))
    if chosen == "deaf":
        time.sleep(600)
    build(chosen).run("stdio")
