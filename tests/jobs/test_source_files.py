"""Sources added, changed, paused and removed without a browser, and tried before they are kept."""

import io
import json
import multiprocessing
import stat
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import Field, SecretStr

from connectors.base import CONNECTORS, CheckResult, Config, Connector, ReadContext, Stream
from core.errors import AuthError, ConfigError
from core.home import Home
from core.log import blot
from core.settings import load_settings, secret_value
from core.stream import Batch, Checkpoint, Item, Progress, Reject
from jobs import source_files
from jobs.cli import main
from jobs.preview import try_source
from jobs.source_schema import kind_schema

SECRET = 'open "sesame"\n[[sources]] #9'
TEXT = "conversation_id,created_at,author,text\nc1,2026-01-01 10:00:00,ann,help me\nc1,bad date,ben,lost\n"


class VaultConfig(Config):
    """Settings of a kind that has secrets."""

    operational: ClassVar[frozenset[str]] = frozenset({"password", "patience_s"})
    host: str = Field(description="Where it is.")
    password: SecretStr = Field(description="The key.")
    keys: dict[str, SecretStr] = Field(default_factory=dict, description="More keys.")
    rows: int = Field(30, ge=1, description="How many rows it has.")
    patience_s: float = Field(5.0, description="Seconds before it is given up.")


class Vault(Connector):
    """A source with a door. It opens for one password."""

    kind: ClassVar[str] = "vault"
    title: ClassVar[str] = "A vault"
    Config = VaultConfig
    config: VaultConfig

    def check(self, context: ReadContext) -> Sequence[CheckResult]:
        word = secret_value(self.config.password)
        if word != SECRET:
            return [
                CheckResult("door", "error", f"the door does not open for {word}.", "auth", "Try another.")
            ]
        return [CheckResult("door", "ok"), CheckResult("cellar", "denied", "no right to go down.")]

    def discover(self, context: ReadContext) -> Sequence[Stream]:
        return [Stream("messages", ("message_id",), note="all of them")]

    def read(self, context: ReadContext) -> Iterator[Item]:
        import pyarrow as pa

        yield Progress("opening")
        if self.config.host == "broken":
            raise AuthError(
                f"the vault said no to {secret_value(self.config.password)}.", hint="Ask the owner."
            )
        if self.config.host == "buggy":
            raise ZeroDivisionError(f"by {secret_value(self.config.password)}")
        yield Reject("messages", "no text", native_id="m0")
        for page in range(1000):
            ids = [f"m{page * self.config.rows + n}" for n in range(self.config.rows)]
            at = ["2026-01-01T10:00:00Z"] * len(ids)
            yield Batch(
                "messages",
                pa.table({"message_id": ids, "conversation_id": ids, "body_text": ids, "created_at": at}),
            )
            yield Batch("conversations", pa.table({"conversation_id": ids, "created_at": at}))
            yield Checkpoint("messages", {"page": page}, "page")
            if self.config.host == "slow":
                context.sleep(30)


@pytest.fixture(autouse=True)
def _vault() -> Iterator[None]:
    CONNECTORS.names()
    CONNECTORS.add("vault", Vault)
    yield
    CONNECTORS._items.pop("vault")


Told = tuple[int, dict[str, Any]]


@pytest.fixture
def command(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Told]:
    def run(*words: str, given: Any = None) -> Told:
        text = given if isinstance(given, str) else json.dumps(given)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        capsys.readouterr()
        code = main(["sources", *words, "--json", "--quiet", "--home", str(home.root)])
        said = capsys.readouterr()
        assert "sesame" not in said.err
        return code, json.loads(said.out)

    return run


def vault(**more: Any) -> dict[str, Any]:
    return {"name": "v", "kind": "vault", "host": "h", "password": SECRET, **more}


def texts_in(folder: Path) -> str:
    return "".join(f.read_bytes().decode("latin-1") for f in folder.rglob("*") if f.is_file())


def test_pausing_and_resuming_leave_one_word_in_the_file(home: Home) -> None:
    home.sources_file.write_text("[[sources]]\nname = 'v'\nkind = 'files'\npath = 'x'\npaused = true\n")
    source_files.enable(home, "v", enabled=True)
    assert load_settings(home).sources[0].enabled
    source_files.enable(home, "v", enabled=False)
    (table,) = tomllib.loads(home.sources_file.read_text())["sources"]
    assert (table.get("enabled"), table.get("paused")) == (False, None)


def test_a_source_is_added_changed_paused_resumed_and_removed(home, command):
    code, done = command("add", "--table", "-", given=vault(keys={"odd": "second-secret"}))
    assert (code, done["table"]["password"], done["table"]["keys"]) == (
        0,
        "secret:v.password",
        {"odd": "secret:v.keys.odd"},
    )
    assert "sesame" not in json.dumps(done) and "second-secret" not in json.dumps(done)
    assert "sesame" not in home.sources_file.read_text()
    assert stat.S_IMODE(home.secrets_file.stat().st_mode) == 0o600
    (source,) = load_settings(home).sources
    assert secret_value(source_files.configured(source).config.password) == SECRET

    assert command("edit", "v", "--table", "-", given={"host": "h2", "rows": 7, "keys": None})[0] == 0
    table = tomllib.loads(home.sources_file.read_text())["sources"][0]
    assert table == {"name": "v", "kind": "vault", "host": "h2", "password": "secret:v.password", "rows": 7}
    assert "second-secret" not in home.secrets_file.read_text()

    assert command("pause", "v")[0] == 0 and not load_settings(home).sources[0].enabled
    assert command("list")[1]["sources"][0] | {"settings": 0} == {
        "name": "v", "kind": "vault", "enabled": False, "path": None, "origin": "added", "editable": True, "settings": 0,
    }  # fmt: skip
    assert command("resume", "v")[0] == 0 and load_settings(home).sources[0].enabled
    code, done = command("remove", "v")
    assert code == 0 and "--forget v" in done["message"]
    assert load_settings(home).sources == () and "sesame" not in texts_in(home.root)


def test_a_secret_may_stay_in_the_environment(home, command, monkeypatch):
    monkeypatch.setenv("VAULT_WORD", SECRET)
    assert command("add", "--table", "-", given=vault(password="env:VAULT_WORD"))[0] == 0
    assert not home.secrets_file.exists()
    assert command("check", "v")[0] == 1  # the cellar is denied, the door opens
    assert "sesame" not in texts_in(home.root)


def test_trying_shows_rows_and_touches_nothing(home, command):
    code, trial = command("try", "--table", "-", given=vault())
    assert code == 0 and trial["works"]
    assert [(c["name"], c["status"]) for c in trial["checks"]] == [("door", "ok"), ("cellar", "denied")]
    assert {stream: len(rows) for stream, rows in trial["streams"].items()} == {
        "messages": 20,
        "conversations": 20,
    }
    assert trial["reject_count"] == 1 and trial["rejects"][0]["reason"] == "no text"
    assert trial["notes"] == ["opening"] and trial["offered"][0]["note"] == "all of them"
    assert [f.name for f in home.root.rglob("*") if f.is_file()] == []


def test_a_wrong_password_is_one_sentence_without_the_password(command):
    code, trial = command("try", "--table", "-", given=vault(password="wrong-word"))
    assert code == 1 and not trial["works"] and trial["streams"] == {}
    assert trial["checks"][0]["message"] == "the door does not open for ***."
    code, trial = command("try", "--table", "-", given=vault(host="broken"))
    assert code == 1
    assert trial["problem"] == {
        "code": "auth",
        "message": "the vault said no to ***.",
        "hint": "Ask the owner.",
    }
    assert blot(SECRET) == "***"
    code, trial = command("try", "--table", "-", given=vault(host="buggy"))
    assert code == 1 and "ended unexpectedly (ZeroDivisionError)" in trial["problem"]["message"]


def test_a_slow_source_gives_what_it_has_when_the_time_is_over(home):
    begun = time.monotonic()
    trial = try_source(home, vault(host="slow", rows=3), seconds=1.0)
    assert trial.works and trial.counts["messages"] == 3 and not trial.is_whole
    assert "time for the preview was over" in trial.notes[-1]
    assert time.monotonic() - begun < 15
    assert list(home.cache.iterdir()) == []


def test_a_configured_source_is_tried_with_its_kept_secret(command):
    command("add", "--table", "-", given=vault())
    assert command("try", "v")[1]["works"]
    assert command("try", "v", "--table", "-", given={"host": "broken"})[1]["problem"]["code"] == "auth"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (vault(name="../../etc"), "name"),
        (vault(name="a\n"), "name"),
        (vault(name='a"]\n[[sources]]'), "name"),
        (vault(name="sample"), "there already"),
        (vault(kind="nothing"), "no connector called"),
        (vault(colour="red"), "colour"),
        (vault(rows="many"), "rows"),
        ({"kind": "vault"}, "name"),
        ([vault()], "neither JSON nor TOML"),
        ("{", "neither JSON nor TOML"),
        ("", "not valid"),
        ("\x00", "neither JSON nor TOML"),
        ("[[sources]]\nname='a'\n[[sources]]\nname='b'", "one source is needed"),
        ("[" * 5000, "neither JSON nor TOML"),
        ('{"name": "v", "x": "' + "y" * 1_100_000 + '"}', "neither|too long"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why_and_changes_nothing(home, command, given, words):
    code, told = command("add", "--table", "-", given=given)
    assert code == 1
    with pytest.raises(ConfigError, match=words):
        raise ConfigError(told["error"]["message"])
    assert "sesame" not in json.dumps(told)
    assert not home.sources_file.exists() and not home.secrets_file.exists()


def test_nasty_values_stay_values(home, command):
    nasty = '\\"]\n[[sources]]\nname = "evil"\nkind = "files"\npath = "/etc" #'
    assert (
        command("add", "--table", "-", given=vault(host=nasty, keys={nasty: nasty}))[0] == 1
    )  # no name for a secret
    assert command("add", "--table", "-", given=vault(host=nasty))[0] == 0
    assert [(s.name, s.options()["host"]) for s in load_settings(home).sources] == [("v", nasty)]


def test_the_settings_file_is_for_people(home, command):
    home.settings_file.write_text('[[sources]]\nname = "mine"\nkind = "files"\npath = "x.csv"\n')
    before = home.settings_file.read_text()
    for words in (["pause", "mine"], ["remove", "mine"], ["edit", "mine", "--table", "-"]):
        assert "written by people" in command(*words, given={"path": "y"})[1]["error"]["message"]
    assert "there already" in command("add", "--table", "-", given=vault(name="mine"))[1]["error"]["message"]
    assert "no source called" in command("pause", "other")[1]["error"]["message"]
    assert "needs the name" in command("pause")[1]["error"]["message"]
    assert home.settings_file.read_text() == before
    assert command("list")[1]["sources"][0]["editable"] is False


def test_name_and_kind_are_fixed(command):
    command("add", "--table", "-", given=vault())
    assert (
        "cannot be changed"
        in command("edit", "v", "--table", "-", given={"kind": "files"})[1]["error"]["message"]
    )
    assert (
        "cannot be changed"
        in command("edit", "v", "--table", "-", given={"name": "w"})[1]["error"]["message"]
    )


def test_a_secret_in_the_settings_file_is_masked_in_the_list_and_cannot_be_saved_masked(home, command):
    home.settings_file.write_text(
        '[[sources]]\nname = "mine"\nkind = "vault"\nhost = "h"\npassword = "plain-word"\n'
        '[[sources]]\nname = "odd"\nkind = "nothing"\npassword = "plain-word"\n'
    )
    told = command("list")[1]["sources"]
    assert told[0]["settings"] == {"host": "h", "password": "***"}
    assert told[1]["settings"] == {"password": "***"}
    assert "masked" in command("add", "--table", "-", given=vault(password="***"))[1]["error"]["message"]


def test_paths_inside_the_home_move_with_it(home, command, tmp_path):
    inside = home.root / "in" / "a.csv"
    inside.parent.mkdir()
    inside.write_text(TEXT)
    files = {"name": "f", "kind": "files", "path": str(inside)}
    assert command("add", "--table", "-", given=files)[1]["table"]["path"] == str(inside)
    assert command("try", "f")[1]["counts"]["messages"] == 1
    assert main(["upload", str(inside), "--name", "up", "--home", str(home.root), "--quiet"]) == 0
    moved = Home(tmp_path / "moved")
    home.root.rename(moved.root)
    assert {s.name: s.options()["path"] for s in load_settings(moved).sources} == {
        "f": str(moved.root / "in" / "a.csv"), "up": str(moved.root / "uploads" / "up"),
    }  # fmt: skip


def test_removing_an_upload_takes_its_copy_along_and_nothing_else(home, command, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(TEXT)
    for name in ("one", "two"):
        assert main(["upload", str(file), "--name", name, "--home", str(home.root), "--quiet"]) == 0
    assert command("edit", "one", "--table", "-", given={"timezone": "Europe/London"})[0] == 0
    assert load_settings(home).sources[0].options()["timezone"] == "Europe/London"
    assert command("remove", "one")[0] == 0
    assert sorted(p.name for p in home.uploads.iterdir()) == ["sources.toml", "two"]
    assert file.exists()


def test_mapping_of_a_source_without_files_is_what_it_offers(command):
    command("add", "--table", "-", given=vault())
    code, told = command("map", "v")
    assert code == 0
    assert told["streams"] == [
        {"name": "messages", "columns": ["message_id"], "rows": None, "note": "all of them"}
    ]


def test_the_schema_says_what_a_form_needs(command):
    (kind,) = command("schema", "vault")[1]["kinds"]
    assert kind["sentence"] == "A source with a door. It opens for one password."
    fields = {one["name"]: one for one in kind["fields"]}
    told = {n: (f["type"], f["group"], f["required"]) for n, f in fields.items() if f["group"] != "schedule"}
    assert told == {
        "host": ("text", "connection", True), "password": ("secret", "connection", True),
        "keys": ("pairs", "read", False), "rows": ("whole", "read", False),
        "patience_s": ("number", "advanced", False),
    }  # fmt: skip
    assert fields["patience_s"]["title"] == "Patience (seconds)" and fields["rows"]["least"] == 1
    assert kind["json_schema"]["properties"]["password"]["writeOnly"]
    assert command("schema", "nothing")[0] == 1


def test_every_kind_can_be_drawn(command):
    kinds = command("schema")[1]["kinds"]
    titles = {kind["kind"]: kind["title"] for kind in kinds}
    assert titles.items() >= {"files": "Files", "vault": "A vault", "mysql": "MySQL or MariaDB"}.items()
    for kind in kinds:
        assert kind["sentence"].endswith(".") and kind["fields"]
        for one in kind["fields"]:
            assert one["description"], f"{kind['kind']}.{one['name']} has no description"
            assert one["group"] in kind["groups"]
    assert {f.name for f in kind_schema("files").fields} >= {"path", "roles.first_author", "columns"}


def _add(root: str, number: int) -> None:
    source_files.add(Home(Path(root)), None, {"name": f"s{number}", "kind": "files", "path": "x.csv"})


def test_of_two_saves_at_once_none_is_lost(home):
    context = multiprocessing.get_context("fork")
    programs = [context.Process(target=_add, args=(str(home.root), n)) for n in range(6)]
    for program in programs:
        program.start()
    for program in programs:
        program.join(60)
    assert {s.name for s in load_settings(home).sources} == {f"s{n}" for n in range(6)}


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    table = tmp_path / "t.toml"
    table.write_text('name = "a"\nkind = "files"\npath = "x.csv"\n')
    code = main(["sources", "add", "--table", str(table), "--home", str(tmp_path / "file" / "h"), "--json"])
    assert code == 1 and "cannot be written" in json.loads(capsys.readouterr().out)["error"]["message"]
