"""A folder or file with whatever bytes a test writes, and what became of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.home import Home
from tests.connectors.world import Given, World

HEADER = "message_id,conversation_id,created_at,author_id,author_role,body_text\n"
ROWS = (
    "m1,c1,2026-01-05T10:00:00Z,ann,customer,Where is my parcel?\n"
    "m2,c1,2026-01-05T10:05:00Z,ben,agent,It leaves today.\n"
    "m3,c2,2026-01-06T08:00:00Z,cat,customer,The code never arrives.\n"
)
COMMENT = {
    "id": 9,
    "body": "Where is it?",
    "created_at": "2026-01-05T10:00:00Z",
    "author": {"role": "end-user"},
}
TICKET: dict[str, Any] = {
    "id": 1,
    "subject": "Parcel",
    "status": "open",
    "created_at": "2026-01-05T10:00:00Z",
    "tags": ["late, very", "vip"],
    "requester": {"email": "ann@example.org", "name": "Ann"},
    "description": "Where is it?",
    "comments": [COMMENT, {**COMMENT, "id": 10, "body": "It leaves today."}],
}


def folder_of(path: Path, **more: Any) -> Given:
    """A folder or file with whatever bytes a test writes."""
    return Given(kind="files", path=str(path), **more)


Make = Callable[..., World]


def maker(home: Home, tmp_path: Path) -> Make:
    """Builds a world around a file (text or bytes) or, with a mapping of names, around a folder."""

    def build(
        content: str | bytes | dict[str, str | bytes], name: str = "messages.csv", **more: Any
    ) -> World:
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        files = content if isinstance(content, dict) else {name: content}
        for file, text in files.items():
            (folder / file).write_bytes(text.encode() if isinstance(text, str) else text)
        return World(folder_of(folder if isinstance(content, dict) else folder / name, **more), home)

    return build


def failed(world: World) -> str:
    """Sync, expect that nothing could be loaded, and give the sentence."""
    report = world.sync()
    assert report.status == "failed"
    assert report.error is not None
    assert report.error.hint, "an error says what to do"
    return f"{report.error.message} {report.error.hint}"


def rejects(world: World) -> list[tuple[Any, ...]]:
    return world.rows("SELECT line, reason, field FROM sync_rejects ORDER BY line")
