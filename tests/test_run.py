"""`make run`: says what is missing, starts once, stays on this machine, leaves nothing behind."""

from __future__ import annotations

import http.client
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from bench.served import free_port
from core.home import Home
from store import generations
from store.lock import TIMER, holder
from store.writer import Writer

PROJECT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(r"Supportlens is ready: (http://127\.0\.0\.1:\d+)")


def publish(home: Home) -> None:
    writer = Writer(home, run_id="r")
    with writer.transaction():
        for sql in ("conversations", "conversation_facts"):
            writer.execute(f"INSERT INTO {sql} BY NAME SELECT 's' AS source_id, '1' AS conversation_id")
    writer.close()
    generations.publish(home, writer.path, keep=3)


def processes_of(home: Home) -> list[int]:
    """Every living process that was started for this home, whoever its parent is."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(home.root).encode() in environ.read_bytes():
                found.append(int(environ.parent.name))
        except OSError:
            continue
    return found


class Started:
    """A running `jobs serve`, and what it has printed so far."""

    def __init__(self, home: Home, user: Path, port: int, *command: str) -> None:
        self.output = home.root.parent / f"output-{port}-{time.monotonic_ns()}.txt"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(user),
            "SUPPORTLENS_HOME": str(home.root),
            "PORT": str(port),
        }
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                command or (sys.executable, "-m", "jobs", "serve"),
                cwd=PROJECT,
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str, seconds: float = 60) -> re.Match[str]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if match := re.search(words, self.text):
                return match
            if self.process.poll() is not None and not re.search(words, self.text):
                break
            time.sleep(0.05)
        raise AssertionError(f"{words!r} was not said:\n{self.text}")

    def ends(self, seconds: float = 60) -> int:
        return self.process.wait(timeout=seconds)


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """The home folder of a user who has nothing yet."""
    folder = tmp_path / "user"
    folder.mkdir()
    return folder


@pytest.fixture
def serve(home: Home, user: Path) -> Iterator:
    """Start `jobs serve`, or another command, on the test's home; ended after the test."""
    started: list[Started] = []

    def start(port: int | None = None, *command: str) -> Started:
        started.append(Started(home, user, port or free_port(), *command))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGTERM)
            one.process.wait(timeout=30)


def get(port: int, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_serves_says_its_address_once_and_leaves_nothing(
    home: Home, user: Path, serve, number: signal.Signals
) -> None:
    publish(home)
    port = free_port()
    first = serve(port)
    assert first.wait_for(ADDRESS.pattern)[1] == f"http://127.0.0.1:{port}"
    assert get(port, "/_stcore/health") == (200, "ok")
    assert get(port, "/")[0] == 200
    assert processes_of(home)

    first.process.send_signal(number)
    assert first.ends() == 0
    assert processes_of(home) == []
    assert first.text.count(f"http://127.0.0.1:{port}") == 1
    assert [path for path in user.rglob("*") if path.is_file()] == []


@pytest.mark.slow
def test_its_timer_is_started_again_when_it_ended(home: Home, serve) -> None:
    publish(home)
    home.settings_file.write_text("[schedule]\nwith_dashboard = true\n")
    first = serve()
    first.wait_for("the timer runs too")

    def timer(other_than: int) -> int:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = holder(home, TIMER)
            if found is not None and found.pid not in (0, other_than):
                return found.pid
            time.sleep(0.1)
        raise AssertionError(first.text)

    killed = timer(0)
    os.kill(killed, signal.SIGKILL)
    assert timer(killed)
    assert "ended by itself" in first.text
    first.process.send_signal(signal.SIGTERM)
    assert first.ends() == 0 and processes_of(home) == []


def test_a_second_one_names_the_first_and_changes_nothing(home: Home, serve) -> None:
    publish(home)
    port = free_port()
    first = serve(port)
    first.wait_for(ADDRESS.pattern)
    second = serve(free_port())
    assert second.ends() == 0
    assert f"already running: http://127.0.0.1:{port} (process {first.process.pid})" in second.text
    assert get(port, "/_stcore/health") == (200, "ok")


def test_a_lock_left_by_a_killed_one_does_not_block(home: Home, serve) -> None:
    publish(home)
    first = serve()
    first.wait_for(ADDRESS.pattern)
    first.process.kill()
    first.ends()
    deadline = time.monotonic() + 20
    while processes_of(home) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of(home) == []
    serve().wait_for(ADDRESS.pattern)


def test_a_taken_port_is_one_sentence_with_a_way_out(home: Home, serve) -> None:
    publish(home)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        one = serve(port)
        assert one.ends() == 1
    assert f"port {port} is in use by another program" in one.text
    assert "make run PORT=" in one.text
    assert processes_of(home) == []


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_an_address_that_others_can_reach_is_refused(home: Home, serve, address: str) -> None:
    publish(home)
    home.settings_file.write_text(f'[dashboard]\naddress = "{address}"\n')
    one = serve()
    assert one.ends() == 1
    assert "nobody signs in" in one.text
    assert address in one.text


@pytest.mark.slow
def test_older_data_is_shown_when_the_refresh_fails(home: Home, serve) -> None:
    publish(home)
    time.sleep(0.05)  # the settings must be newer than the generation
    home.settings_file.write_text('[[sources]]\nname = "gone"\nkind = "files"\npath = "missing.csv"\n')
    port = free_port()
    one = serve(port)
    one.wait_for(ADDRESS.pattern)
    one.wait_for("the refresh failed, for the reason above: the data of .* stays")
    assert get(port, "/_stcore/health") == (200, "ok")


@pytest.mark.slow
def test_what_could_be_loaded_is_shown_when_a_file_could_not(home: Home, user: Path, serve) -> None:
    folder = user / "in"
    folder.mkdir()
    (folder / "bad.csv").write_text("x,y\n1,2\n")
    (folder / "good.csv").write_text(
        "conversation_id,author,text,created_at\nc1,ann,words,2026-01-01 10:00:00\n"
    )
    home.settings_file.write_text(f'[[sources]]\nname = "chat"\nkind = "files"\npath = "{folder}"\n')
    port = free_port()
    one = serve(port)
    one.wait_for(ADDRESS.pattern)
    assert "bad.csv" in one.text
    assert get(port, "/_stcore/health") == (200, "ok")


def test_with_nothing_to_show_it_ends_with_the_reason(home: Home, serve) -> None:
    home.settings_file.write_text('[[sources]]\nname = "gone"\nkind = "files"\npath = "missing.csv"\n')
    one = serve()
    assert one.ends() == 1
    assert "missing.csv" in one.text
    assert "nothing could be loaded" in one.text
    assert processes_of(home) == []


# --- before anything is installed: scripts/environment.py and scripts/run.py ---


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/environment.py, looking at a checkout that is a folder of the test."""
    checkout = tmp_path / "a path with spaces"
    checkout.mkdir()
    module = load("environment", monkeypatch)
    for name, value in (("PROJECT", checkout), ("VENV", checkout / ".venv")):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "STAMP", module.VENV / "installed.json")
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (checkout / lock).write_text("nothing==1.0\n")
    return module


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PROJECT / "scripts"))
    spec = importlib.util.spec_from_file_location(name, PROJECT / "scripts" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


@contextmanager
def one_sentence(capsys: pytest.CaptureFixture[str], *words: str) -> Iterator[None]:
    with pytest.raises(SystemExit) as stopped:
        yield
    assert stopped.value.code == 1
    error = capsys.readouterr().err.strip()
    assert len(error.splitlines()) == 1
    for word in words:
        assert word in error


def test_an_old_python_is_named(environment, monkeypatch, capsys) -> None:
    monkeypatch.setattr(environment.sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    with one_sentence(capsys, "Python 3.11 or newer is needed"):
        environment.require_python()


def test_a_missing_venv_module_is_named_with_its_package(environment, monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with one_sentence(capsys, "venv module is missing", "apt install python3"):
        environment.require_python()


def test_too_little_disk_is_named_with_what_is_there(environment, monkeypatch, capsys) -> None:
    usage = shutil.disk_usage(PROJECT)._replace(free=1_200_000_000)
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _: usage)
    with one_sentence(capsys, "3.0 GB", "1.2 GB"):
        environment.require_disk(environment.NEEDED_TO_INSTALL)


def test_a_failed_installation_ends_with_one_sentence_and_no_stamp(environment, monkeypatch, capsys) -> None:
    monkeypatch.setattr(environment, "_create_venv", lambda: environment.VENV.mkdir())
    monkeypatch.setattr(environment, "_run", lambda command, quiet=False: 1)
    with one_sentence(capsys, "could not be installed"):
        environment.install()
    assert not environment.is_installed("requirements.lock")


def test_what_is_installed_is_not_installed_again_until_the_lock_changes(environment, monkeypatch) -> None:
    commands: list[list[str]] = []
    (environment.VENV / "bin").mkdir(parents=True)
    (environment.VENV / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(environment, "_run", lambda command, quiet=False: commands.append(command) or 0)
    environment.install(dev=True)
    assert environment.is_installed("requirements.lock")
    done = len(commands)
    assert done > 0
    environment.install()
    environment.install(dev=True)
    assert len(commands) == done
    (environment.PROJECT / "requirements.lock").write_text("nothing==2.0\n")
    environment.install()
    assert len(commands) > done


@pytest.mark.parametrize(
    ("port", "words"), [("0", "not a port"), ("http", "not a port"), ("70000", "not a port")]
)
def test_a_port_that_is_none_is_refused(environment, monkeypatch, capsys, port: str, words: str) -> None:
    run = load("run", monkeypatch)
    with one_sentence(capsys, words):
        run.require_free_port(port)


def test_a_taken_port_is_found_before_the_installation(environment, monkeypatch, capsys) -> None:
    run = load("run", monkeypatch)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with one_sentence(capsys, "in use by another program", "make run PORT="):
            run.require_free_port(str(other.getsockname()[1]))


def test_the_scripts_need_nothing_but_the_standard_library() -> None:
    for name in ("environment", "run"):
        code = f"import sys; sys.path.insert(0, 'scripts'); import {name}"
        command = [sys.executable, "-I", "-S", "-c", code]
        assert subprocess.run(command, cwd=PROJECT, capture_output=True, check=False).returncode == 0


@pytest.mark.slow
def test_a_fresh_copy_in_a_path_with_spaces_runs_with_one_command(tmp_path: Path, user: Path, serve) -> None:
    """The whole way: no .venv, no git, an empty HOME, `sh`. Needs the package index."""
    copy = tmp_path / "a path with spaces" / "supportlens"
    left_out = shutil.ignore_patterns(".git", ".venv", "var", ".*_cache", "__pycache__", "settings.toml")
    shutil.copytree(PROJECT, copy, ignore=left_out)
    home, port = Home(copy / "data" / "var"), free_port()
    # pip asks rustc for its version, and rustup's stand-in for it writes a file of its own.
    path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if ".cargo" not in part)
    environment = {"PATH": path, "HOME": str(user), "PORT": str(port)}
    output = tmp_path / "output.txt"
    with output.open("w") as file:
        process = subprocess.Popen(
            ["sh", "-c", "make run"],
            cwd=copy,
            env=environment,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    deadline = time.monotonic() + 280
    while not ADDRESS.search(output.read_text()) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.2)
    try:
        assert ADDRESS.search(output.read_text()), output.read_text()
        assert get(port, "/_stcore/health") == (200, "ok")
        assert generations.current(home).path.is_file()
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
    assert processes_of(home) == []
    outside = {path.relative_to(user).parts[:2] for path in user.rglob("*") if path.is_file()}
    assert outside <= {(".cache", "uv"), (".cache", "pip"), (".local", "share")}
