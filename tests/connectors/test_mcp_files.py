"""MCP: both servers, what may be called, and servers that die, hang, or are not there."""

import asyncio
import base64
import json
import os
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from connectors._mcp_readers import PagedReader, WholeReader, javascript_time
from connectors._mcp_session import Session
from connectors.base import ReadContext, configured
from connectors.mcp_files import McpConnector
from connectors.mcp_server import PAGE_BYTES, build, main
from core.errors import Cancelled, ConfigError, PermissionRefused
from core.home import Home
from core.settings import Source
from tests.connectors.files_lab import HEADER, ROWS
from tests.connectors.mcp_lab import McpLab, installed_reference, misbehaving
from tests.connectors.world import CANARY, World, message
from tests.fakes.workbook import write_workbook


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "served").mkdir()
    return tmp_path / "served"


@pytest.fixture(params=["own", "reference"])
def lab(request: pytest.FixtureRequest, folder: Path, require_service: Callable[[str], str]) -> McpLab:
    """A folder behind each of the two servers."""
    if request.param == "own":
        return McpLab(folder)
    return McpLab(folder, (*installed_reference(require_service), str(folder)))


@pytest.fixture
def world(lab: McpLab, home: Home, now: datetime) -> World:
    return World(lab, home)


def connector_of(lab: McpLab) -> McpConnector:
    found = configured(lab.source())
    assert isinstance(found, McpConnector)
    return found


def aged(folder: Path) -> None:
    """Files that were written long ago, so that a time in whole seconds tells them apart."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (1_767_000_000, 1_767_000_000))


# --- both servers ---------------------------------------------------------------------------------


def test_first_sync_second_sync_change_and_end(world: World, folder: Path) -> None:
    words = "Où est “mon” café à 5 €?"
    (folder / "chat.csv").write_bytes(
        (HEADER + f"n1,d1,2026-01-06T09:00:00Z,dan,customer,{words}\n").encode("cp1252")
    )
    (folder / "deep").mkdir()
    (folder / "deep" / "er.csv").write_text(HEADER + ROWS)
    write_workbook(
        folder / "book.xlsx",
        {
            "A": [
                HEADER.strip().split(","),
                ["x1", "e1", "2026-01-05T10:00:00Z", "eve", "customer", "From a sheet"],
            ]
        },
    )
    (folder / ".hidden.csv").write_text("a,b\n1,2\n")
    (folder / "notes.xml").write_text("<notes/>")
    aged(folder)
    report = world.sync()
    assert report.status == "ok", report.errors
    assert world.texts() == {
        "m1": "Where is my parcel?", "m2": "It leaves today.", "m3": "The code never arrives.", "n1": words,
        "x1": "From a sheet",
    }  # fmt: skip
    again = world.sync()
    assert (again.files, again.inserted, again.updated, again.deleted) == (0, 0, 0, 0)
    (folder / "deep" / "er.csv").write_text(HEADER + ROWS.replace("parcel", "packet"))
    assert world.sync().files == 1
    assert world.texts()["m1"] == "Where is my packet?"
    (folder / "chat.csv").unlink()
    assert world.sync().deleted > 0
    assert "n1" not in world.texts()


def test_check_and_discover(lab: McpLab, folder: Path) -> None:
    (folder / "messages.csv").write_text(HEADER + ROWS)
    (folder / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    checks = connector_of(lab).check(ReadContext("lab"))
    assert [(c.name, c.status) for c in checks] == [("messages.csv", "ok"), ("old.xls", "optional_missing")]
    (stream,) = connector_of(lab).discover(ReadContext("lab"))
    assert (stream.name, stream.columns) == ("messages.csv", tuple(HEADER.strip().split(",")))


def test_what_lies_beside_the_data_is_passed_over(lab: McpLab, folder: Path) -> None:
    for name in ("messages.csv", "~$messages.csv", "notes.txt"):
        (folder / name).write_text(HEADER + ROWS)
    checks = connector_of(lab).check(ReadContext("lab"))
    assert [(c.name, c.status) for c in checks] == [("messages.csv", "ok"), ("notes.txt", "optional_missing")]
    lab.more["pattern"] = "*.txt"
    assert [(c.name, c.status) for c in connector_of(lab).check(ReadContext("lab"))] == [("notes.txt", "ok")]


def test_a_file_above_the_limit_is_refused_before_it_is_asked_for(world: World, folder: Path) -> None:
    (folder / "messages.csv").write_text(HEADER + ROWS)
    world.sync()
    assert isinstance(world.lab, McpLab)
    world.lab.more["max_file_mb"] = 0.001
    (folder / "messages.csv").write_text(HEADER + ROWS + ROWS.replace("m", "n") * 20)
    report = world.sync()
    assert report.error is not None
    assert "max_file_mb is 0.001" in report.error.message
    assert len(world.texts()) == 3, "what was loaded before stays"


def test_only_read_only_tools_of_the_list_may_be_called(lab: McpLab, folder: Path) -> None:
    (folder / "messages.csv").write_text(HEADER + ROWS)
    connector = connector_of(lab)
    with Session(
        connector.server(), "lab", [*connector.config.tools, "write_file"], 60, lambda: None
    ) as session:
        assert session.tools <= set(connector.config.tools)
        with pytest.raises(PermissionRefused) as refused:
            session.call("write_file", path=str(folder / "new.csv"), content="x")
    assert "write_file may not be called" in refused.value.message
    assert [p.name for p in folder.iterdir()] == ["messages.csv"]


def test_a_folder_without_files_is_said(lab: McpLab) -> None:
    (check,) = connector_of(lab).check(ReadContext("lab"))
    assert (check.status, check.code) == ("error", "not_found")
    assert "no file" in check.message


# --- the product's own server ---------------------------------------------------------------------


def alone(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it in a thread of its own: a browser test may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def asked(folder: Path, tool: str, **arguments: Any) -> tuple[bool, Any]:
    """The answer of the own server, in this process."""
    from mcp import Client

    async def ask() -> tuple[bool, Any]:
        async with Client(build(folder)) as client:
            result = await client.call_tool(tool, arguments)
            text = getattr(result.content[0], "text", "")
            return bool(result.is_error), text if result.is_error else json.loads(text)

    return alone(ask())


def test_every_tool_of_the_own_server_is_read_only(folder: Path) -> None:
    from mcp import Client

    async def tools() -> list[Any]:
        async with Client(build(folder)) as client:
            return list((await client.list_tools()).tools)

    found = alone(tools())
    assert {tool.name for tool in found} == {"list_files", "file_info", "read_file_page"}
    assert all(tool.annotations.read_only_hint and not tool.annotations.destructive_hint for tool in found)


def test_listing_comes_in_pages(folder: Path) -> None:
    for n in range(501):
        (folder / f"{n:04d}.csv").write_text("x")
    _, first = asked(folder, "list_files")
    assert (len(first["files"]), first["more"]) == (500, True)
    _, second = asked(folder, "list_files", after=first["files"][-1]["name"])
    assert ([f["name"] for f in second["files"]], second["more"]) == (["0500.csv"], False)


def test_pages_of_bytes_are_exact(folder: Path) -> None:
    content = bytes(range(256)) * 4000
    (folder / "a.csv").write_bytes(content)
    _, first = asked(folder, "read_file_page", path="a.csv")
    _, rest = asked(folder, "read_file_page", path="a.csv", offset=PAGE_BYTES)
    assert base64.b64decode(first["data"]) + base64.b64decode(rest["data"]) == content
    assert asked(folder, "file_info", path="a.csv")[1]["size"] == len(content)


@pytest.mark.parametrize("path", ["../secret.csv", "/etc/passwd", "link.csv", ".pid", "missing.csv"])
def test_nothing_outside_the_folder_is_read(folder: Path, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.csv").write_text("secret")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / ".pid").write_text("1")
    failed, said = asked(folder, "read_file_page", path=path)
    assert failed
    assert "secret" not in said.replace("secret.csv", "")
    assert asked(folder, "list_files")[1]["files"] == []


def test_the_own_server_needs_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["/no/such/folder"]) == 2
    assert "usage" in capsys.readouterr().err


def test_a_larger_file_than_a_page_arrives_whole(home: Home, now: datetime, folder: Path) -> None:
    lab = McpLab(folder)
    lab.hold([message(n, body_text="words " * 200) for n in range(1500)])
    assert lab.path.stat().st_size > 2 * PAGE_BYTES
    world = World(lab, home)
    assert world.sync().status == "ok"
    assert len(world.texts()) == 1500


# --- servers that fail ----------------------------------------------------------------------------


def problem(lab: McpLab) -> str:
    (check,) = connector_of(lab).check(ReadContext("lab"))
    assert check.status == "error"
    assert check.hint, "an error says what to do"
    return f"{check.code}: {check.message} {check.hint}"


def ended(folder: Path) -> bool:
    """Whether the server's process is gone; it gets a while to go."""
    pid = int((folder / ".pid").read_text())
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


def test_a_program_that_is_not_there(folder: Path) -> None:
    said = problem(McpLab(folder, ("no-such-mcp-server",)))
    assert "no-such-mcp-server is not on this machine" in said
    assert "full path" in said


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    lab = McpLab(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert "there is no folder" in problem(lab)


def test_a_program_that_is_no_server(folder: Path) -> None:
    assert "transient: the MCP server false failed" in problem(McpLab(folder, ("false",)))


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        pytest.param("deaf", "no answer within", marks=pytest.mark.slow),
        pytest.param("hangs", "failed", marks=pytest.mark.slow),
        ("dies", "failed"),
        ("loops", "lists the same files again"),
        ("grows", "was written to while it was read"),
        ("unmarked", "no read-only tools"),
    ],
)
def test_servers_that_misbehave(folder: Path, mode: str, said: str) -> None:
    lab = misbehaving(mode, folder, **({"timeout_s": 5} if mode in ("deaf", "hangs") else {}))
    assert said in problem(lab)
    assert ended(folder)


def test_what_a_dying_server_says_is_shown_without_its_secrets(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCP_TEST_TOKEN", CANARY)
    said = problem(misbehaving("dies", folder, env={"TOKEN": "env:MCP_TEST_TOKEN"}))
    assert "out of luck with …" in said
    assert CANARY not in said


@pytest.mark.parametrize("mode", ["deaf", "hangs"])
def test_stop_while_the_server_does_not_answer(folder: Path, mode: str) -> None:
    context = ReadContext("lab")
    connector = connector_of(misbehaving(mode, folder, timeout_s=600))
    begun = folder / ".pid"

    def stop() -> None:
        while not begun.exists():
            time.sleep(0.05)
        context.stop.set()

    asking = threading.Thread(target=stop)
    asking.start()
    with pytest.raises(Cancelled):
        list(connector.read(context))
    asking.join()
    assert ended(folder)


def test_secrets_are_references() -> None:
    with pytest.raises(ConfigError, match="must be a reference"):
        configured(Source.model_validate({"name": "x", "kind": "mcp", "env": {"TOKEN": "plain"}}))


# --- the words of the reference server ------------------------------------------------------------


def test_times_of_javascript() -> None:
    assert javascript_time("Fri Nov 20 2026 14:42:21 GMT+0200") == datetime(
        2026, 11, 20, 12, 42, 21, tzinfo=UTC
    )


def reference_session(*tools: str, **answers: str) -> Session:
    """A session whose tools answer with these texts, by the last part of the path."""

    def call(tool: str, **arguments: Any) -> Any:
        return SimpleNamespace(
            content=[SimpleNamespace(text=answers[f"{tool}_{Path(arguments['path']).name}"])]
        )

    return cast(Session, SimpleNamespace(tools=frozenset(tools), call=call, source="lab"))


def test_the_text_listing_is_read_where_there_is_no_tree() -> None:
    info = "size: 3\ncreated: x\nmodified: Fri Nov 20 2026 12:42:21 GMT+0000 (Coordinated Universal Time)\nisFile: true"
    session = reference_session(
        "list_directory", "get_file_info", "read_text_file",
        list_directory_served="[FILE] a b.csv\n[DIR] sub\n[FILE] two\nlines.csv\n[FILE] .git",
        list_directory_sub="[FILE] c.csv", **{"get_file_info_a b.csv": info, "get_file_info_c.csv": info},
    )  # fmt: skip
    found = list(WholeReader(session, "/served").listed())
    assert [(one.name, one.path, one.size) for one in found] == [
        ("a b.csv", "/served/a b.csv", 3), ("sub/c.csv", "/served/sub/c.csv", 3),
    ]  # fmt: skip
    assert found[0].modified_at == datetime(2026, 11, 20, 12, 42, 21, tzinfo=UTC)


def test_servers_that_send_files_whole_have_a_lower_limit() -> None:
    assert WholeReader.limit_mb < PagedReader.limit_mb
