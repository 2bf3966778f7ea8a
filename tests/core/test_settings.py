"""Defaults, then the file, then the environment; unknown keys refused; secrets never shown."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from core import log
from core.errors import ConfigError
from core.home import Home
from core.settings import Source, load_settings, secret_value, settings_path


def write(home: Home, text: str) -> Path:
    home.settings_file.write_text(text)
    return home.settings_file


def test_defaults_need_no_file(home: Home) -> None:
    settings = load_settings(home)
    assert (settings.llm.provider, settings.embeddings.provider) == ("none", "wordllama")
    assert settings.dashboard.address == "127.0.0.1"
    assert settings.sources == ()


def test_environment_beats_the_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, '[workspace]\nname = "File"\nreporting_zone = "Europe/Paris"\n')
    assert load_settings(home).workspace.name == "File"
    monkeypatch.setenv("SUPPORTLENS_WORKSPACE__NAME", "Environment")
    workspace = load_settings(home).workspace
    assert (workspace.name, workspace.reporting_zone) == ("Environment", "Europe/Paris")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[workspce]\nname = 'x'\n", ["workspce"]),
        ("[workspace]\nnmae = 'x'\n", ["workspace.nmae"]),
        ("[workspace]\nreporting_zone = 'Mars/Olympus'\n", ["Mars/Olympus", "Europe/London"]),
        ("[dashboard]\nport = 70000\n", ["dashboard.port", "65535"]),
        ("[[sources]]\nname = 'a'\nkind = 'files'\n[[sources]]\nname = 'a'\nkind = 'files'\n", ["unique"]),
        ("[[sources]]\nname = 'two words'\nkind = 'files'\n", ["sources.0.name"]),
        ("[workspace\n", ["TOML"]),
    ],
)
def test_a_mistake_is_named_with_its_file(home: Home, text: str, names: list[str]) -> None:
    file = write(home, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(home)
    for name in [str(file), *names]:
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SUPPORTLENS_SIGN_IN__PROXIES", "10.0.3.0/24"),
        ("SUPPORTLENS_COUNTING__INCLUDE", "outbound,automatic"),
        ("SUPPORTLENS_SOURCES", "exports"),
        ("SUPPORTLENS_CHANNELS", '[{"token": "very-secret"'),
    ],
)
def test_a_variable_that_should_be_json_is_named_without_its_value(
    home: Home, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"the variable {name} is not valid") as caught:
        load_settings(home)
    assert f"""{name}='["one", "two"]'""" in caught.value.hint
    assert value not in str(caught.value)
    monkeypatch.delenv(name)
    monkeypatch.setenv("SUPPORTLENS_COUNTING__INCLUDE", '["outbound"]')
    assert load_settings(home).counting.include == ("outbound",)


def test_a_missing_named_file_is_an_error_and_a_missing_default_is_not(home: Home, tmp_path: Path) -> None:
    assert settings_path(home) is None
    with pytest.raises(ConfigError, match=r"other\.toml"):
        settings_path(home, tmp_path / "other.toml")


def test_the_named_file_wins_over_the_homes(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, "[workspace]\nname = 'home'\n")
    named = tmp_path / "named.toml"
    named.write_text("[workspace]\nname = 'named'\n")
    assert load_settings(home, named).workspace.name == "named"
    monkeypatch.setenv("SUPPORTLENS_SETTINGS", str(named))
    assert load_settings(home).workspace.name == "named"


def test_paths_of_sources_are_relative_to_the_file(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    named = folder / "settings.toml"
    named.write_text("[[sources]]\nname = 'a'\nkind = 'files'\npath = 'exports/*.csv'\n")
    assert load_settings(home, named).sources[0].options()["path"] == str(folder / "exports" / "*.csv")


def test_uploaded_sources_join_the_configured_ones(home: Home) -> None:
    write(home, "[[sources]]\nname = 'a'\nkind = 'files'\npath = '/a.csv'\n")
    home.uploads.mkdir()
    (home.uploads / "sources.toml").write_text("[[sources]]\nname = 'b'\nkind = 'files'\npath = '/b.csv'\n")
    assert [source.name for source in load_settings(home).sources] == ["a", "b"]


def test_secrets_print_as_stars(home: Home) -> None:
    write(home, "[llm]\nprovider = 'openai'\napi_key = 'sk-very-secret-1'\n")
    settings = load_settings(home)
    for shown in (repr(settings), str(settings.llm), settings.model_dump_json()):
        assert "sk-very-secret-1" not in shown
    assert secret_value(settings.llm.api_key) == "sk-very-secret-1"


def test_a_reference_is_followed_and_blotted_from_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "value-of-my-key")
    assert secret_value("env:MY_KEY") == "value-of-my-key"
    assert log.blot("tried value-of-my-key") == "tried ***"


def test_a_reference_to_nothing_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(ConfigError, match="MY_KEY, which is not set"):
        secret_value(SecretStr("env:MY_KEY"))


def test_settings_cannot_be_changed_in_passing(home: Home) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings(home).workspace.name = "other"


def test_a_source_may_be_paused_in_the_file(home: Home) -> None:
    source = "[[sources]]\nname = 'a'\nkind = 'files'\npath = 'x'\n"
    write(home, f"{source}paused = true\n")
    (paused,) = load_settings(home).sources
    assert not paused.enabled and not Source(**paused.model_dump()).enabled
    write(home, f"{source}enabled = false\n")
    (off,) = load_settings(home).sources
    assert not Source(**off.model_dump()).enabled
    write(home, f"{source}paused = false\n")
    assert load_settings(home).sources[0].enabled
    write(home, f"{source}paused = true\nenabled = true\n")
    with pytest.raises(ConfigError, match="opposite things"):
        load_settings(home)
