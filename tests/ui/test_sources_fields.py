"""What was typed becomes a table: defaults stay away, what was there is changed or taken out."""

import pytest

from core.errors import ConfigError
from ui import sources_fields


def field(name, type_, **more):
    about = {
        "title": name.capitalize(),
        "description": "d",
        "required": False,
        "default": None,
        "choices": [],
    }
    return about | {"name": name, "type": type_, **more}


@pytest.fixture
def typed(monkeypatch):
    """The inputs, as the session would hold them."""
    values = {}
    monkeypatch.setattr("ui.state.value", lambda key, default=None: values.get(key, default))
    return values


@pytest.mark.parametrize(
    ("one", "text", "found"),
    [
        (field("path", "text"), "  /a b  ", "/a b"),
        (field("path", "text"), "", None),
        (field("zone", "text", default="UTC"), "UTC", None),
        (field("rows", "whole", default=10), 10, None),
        (field("rows", "whole", default=10), 0, 0),
        (field("log", "switch", default=True), True, None),
        (field("log", "switch", default=True), False, False),
        (field("day_first", "yes_no"), "no", False),
        (field("day_first", "yes_no"), sources_fields.NOT_SET, None),
        (field("agents", "list", default=[]), "anna\n\n ben ", ["anna", "ben"]),
        (field("columns", "pairs"), "a = b\ncustom:x=c = d", {"a": "b", "custom:x": "c = d"}),
        (field("values", "json"), '{"status": {"zu": "solved"}}', {"status": {"zu": "solved"}}),
        (field("messages", "relation"), "public.comments", "public.comments"),
        (field("messages", "relation"), "select 1", "select 1"),
        (field("messages", "relation"), '{"table": "t", "cursor": "id"}', {"table": "t", "cursor": "id"}),
    ],
)  # fmt: skip
def test_values(typed, one, text, found):
    typed["k"] = text
    assert sources_fields.value(one, "k", None) == found


def test_what_a_table_was_told_besides_its_name_stays(typed):
    typed["k"] = "select * from b"
    current = {"table": "a", "cursor": "id", "columns": {"body_text": "text"}}
    assert sources_fields.value(field("messages", "relation"), "k", current) == {
        "cursor": "id", "columns": {"body_text": "text"}, "query": "select * from b",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "text"), [("pairs", "no pair"), ("pairs", "= x"), ("json", "{"), ("json", "[" * 9999)]
)
def test_what_cannot_be_read_is_said(typed, type_, text):
    typed["k"] = text
    with pytest.raises(ConfigError):
        sources_fields.value(field("x", type_), "k", None)


def test_a_secret_that_nobody_typed_stays_a_reference(typed):
    one = field("password", "secret")
    assert sources_fields.value(one, "k", "secret:db.password") == "secret:db.password"
    typed["k"] = "new"
    assert sources_fields.value(one, "k", "secret:db.password") == "new"


def test_the_table_takes_out_what_was_emptied_and_keeps_what_has_no_input(typed):
    fields = [
        field("path", "text"),
        field("roles.agents", "list"),
        field("roles.column", "text"),
        field("zone", "text"),
    ]
    typed.update({"p_path": "x", "p_roles.agents": "", "p_roles.column": "who", "p_zone": ""})
    current = {"path": "y", "zone": "UTC", "roles": {"agents": ["a"], "values": {"b": "bot"}}}
    assert sources_fields.table(fields, "p_", current) == {
        "path": "x", "zone": None, "roles": {"column": "who", "values": {"b": "bot"}},
    }  # fmt: skip
    assert sources_fields.table(fields, "p_", {}) == {"path": "x", "roles": {"column": "who"}}
