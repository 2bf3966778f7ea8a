from __future__ import annotations

import pytest

from core.errors import InputError
from store.workspace import Workspace
from store.workspace.part import ATTEMPTS


def names(workspace: Workspace, viewer: str) -> list[tuple[str, str]]:
    return [(view.owner, view.name) for view in workspace.views(viewer)]


def test_a_saved_view_is_replaced_under_its_name(workspace: Workspace) -> None:
    for query in ("channel=chat", "?channel=email"):
        workspace.save_view("mine", owner="ann", page="overview", query=query)
    workspace.save_view("mine", owner="bob", page="overview", query="x")
    assert [(v.name, v.query) for v in workspace.views("ann")] == [("mine", "channel=email")]
    assert workspace.delete_view("mine", owner="ann")
    assert not workspace.delete_view("mine", owner="ann")
    assert len(workspace.views("bob")) == 1


def test_everybody_sees_shared_views_and_nobody_elses_own(workspace: Workspace) -> None:
    workspace.save_view("Morning", owner="ann", page="", query="period=7d", shared=True)
    workspace.save_view("morning", owner="bob", page="", query="period=30d")
    workspace.save_view("afternoon", owner="ann", page="", query="")
    assert names(workspace, "bob") == [("bob", "morning"), ("ann", "Morning")]
    assert names(workspace, "ann") == [("ann", "afternoon"), ("ann", "Morning")]
    assert workspace.share_view("Morning", owner="ann", shared=False)
    assert names(workspace, "bob") == [("bob", "morning")]


def test_only_the_owner_renames_shares_and_deletes(workspace: Workspace) -> None:
    workspace.save_view("a", owner="ann", page="", query="", shared=True)
    assert not workspace.rename_view("a", "b", owner="bob")
    assert not workspace.share_view("a", owner="bob", shared=False)
    assert not workspace.delete_view("a", owner="bob")
    assert workspace.rename_view("a", " b ", owner="ann")
    assert names(workspace, "bob") == [("ann", "b")]


def test_a_name_in_use_is_not_taken_from_its_view(workspace: Workspace) -> None:
    for name in ("a", "b"):
        workspace.save_view(name, owner="ann", page="", query=name)
    with pytest.raises(InputError, match="already"):
        workspace.rename_view("a", "b", owner="ann")
    assert [(v.name, v.query) for v in workspace.views("ann")] == [("a", "a"), ("b", "b")]
    assert workspace.rename_view("a", "a", owner="ann")


@pytest.mark.parametrize(
    ("name", "page", "query"),
    [("", "", ""), (" \n\x00 ", "", ""), ("n" * 121, "", ""), ("n", "../../etc", ""), ("n", "a b", ""), ("n", "", "q" * 4_001)],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(workspace: Workspace, name: str, page: str, query: str) -> None:
    with pytest.raises(InputError):
        workspace.save_view(name, owner="ann", page=page, query=query)
    assert workspace.views("ann") == []


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("'); DROP TABLE saved_views; --", "'); DROP TABLE saved_views; --"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("two\nlines\tand\x00\x1b[31m red", "two lines and [31m red"),
        ("turned \u202egnirts\u202c", "turned gnirts"),
        ("half a pair \ud83d", "half a pair"),
        ("👩‍💻 Ärger 時間", "👩‍💻 Ärger 時間"),
    ],
)
def test_hostile_text_is_kept_as_harmless_text(workspace: Workspace, written: str, kept: str) -> None:
    workspace.save_view(written, owner="ann", page="", query="")
    assert [view.name for view in workspace.views("ann")] == [kept]


def test_two_tabs_may_save_one_name_at_once(opened, at_once) -> None:
    at_once(lambda n: opened().save_view("same", owner="ann", page="", query=f"n={n}"), threads=ATTEMPTS)
    assert [view.name for view in opened().views("ann")] == ["same"]
