"""What every test gets: a home of its own, no network but loopback, a clock that can be fixed."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as rules_of_chance

from core import encryption
from tests.shared import made_once
from tests.written import pytest_sessionfinish, pytest_terminal_summary  # noqa: F401 - hooks of every run

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
SAMPLE_END = date(2026, 11, 15)
SAMPLE_CONVERSATIONS = 600
SAMPLE_SEED = 7

# Programs that some tests drive: the first path or name that exists is used.
SERVICES: dict[str, tuple[str, ...]] = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "chromedriver": ("chromedriver",),
    "postgresql": ("/usr/lib/postgresql/*/bin/initdb", "initdb"),
    "mariadb": ("mariadbd", "/usr/sbin/mariadbd", "mysqld"),
    "node": ("node",),
    "npm": ("npm",),
}
# Variables of the person who runs the tests must not decide how they end.
FOREIGN = (
    "SUPPORTLENS_",
    "OPENAI_",
    "ANTHROPIC_",
    "AWS_",
    "CHROMA_",
    "STREAMLIT_",
    "LANGCHAIN_",
    "LANGSMITH_",
)
FOREIGN_NAMES = (
    "PORT", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy",
    "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip
# The tests start hundreds of programs: each would compile all modules for itself, for a second.
sys.dont_write_bytecode = False

# How long an example takes depends on what else the machine does; a hang ends by the timeout of its test.
rules_of_chance.register_profile("supportlens", deadline=None)
rules_of_chance.load_profile("supportlens")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: browsers, servers and children are waited for a quarter of the time."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file is one process's work, and so are all that look at pages in a browser: one server and one browser do."""
    from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

    made = LoadFileScheduling(config, log)
    by_file = made._split_scope
    made._split_scope = lambda nodeid: BROWSER if nodeid.startswith(BROWSER) else by_file(nodeid)
    return made


# Files whose tests are few and long: begun last, one process would work on them while the others have nothing left.
BROWSER = "tests/browser/"
LONG = (BROWSER, "tests/test_run.py", "tests/golden/", "tests/jobs/", "tests/alerts/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that several processes end at the same time."""
    items.sort(
        key=lambda item: next((at for at, name in enumerate(LONG) if item.nodeid.startswith(name)), len(LONG))
    )


def pytest_collection_finish() -> None:
    """A seventh of all time went into looking again at what lives as long as the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class NetworkRefused(OSError):
    """A test tried to reach something other than this machine."""


def _is_loopback(host: Any) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host)
    return text in ("localhost", "::1", "", "0.0.0.0", "::") or text.startswith("127.")


@pytest.fixture(scope="session", autouse=True)
def _own_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No network except loopback, no real home folder, none of the user's settings: for the whole session."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(FOREIGN) or name in FOREIGN_NAMES:
                patch.delenv(name)
        user = tmp_path_factory.mktemp("user")
        patch.setenv("HOME", str(user))
        for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "HF_HOME", "MPLCONFIGDIR"):
            patch.setenv(name, str(user / name.lower()))
        patch.setenv("HF_HUB_OFFLINE", "1")
        _refuse_network(patch)
        yield


def _refuse_network(patch: pytest.MonkeyPatch) -> None:
    connect, connect_ex, lookup = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def allowed(sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise NetworkRefused(f"tests have no network: {address[0]}:{address[1]} was asked for")

    def guarded_connect(sock: socket.socket, address: Any) -> None:
        allowed(sock, address)
        connect(sock, address)

    def guarded_connect_ex(sock: socket.socket, address: Any) -> int:
        allowed(sock, address)
        return connect_ex(sock, address)

    def guarded_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host is not None and not _is_loopback(host):
            raise socket.gaierror(socket.EAI_NONAME, f"tests have no network: {host} was looked up")
        return lookup(host, *args, **kwargs)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_lookup)


@pytest.fixture(scope="session")
def shared_statements(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SQL that any home of this run was asked with lies: to write it is a third of all the tests' work."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if hasattr(request.config, "workerinput") else base) / "statements"


@pytest.fixture(scope="session", autouse=True)
def _one_folder_of_statements(shared_statements: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("store.statements.folder", lambda home: shared_statements)
        yield


@pytest.fixture(scope="session", autouse=True)
def _packages_read_once() -> Iterator[None]:
    """Every run of a page in a test reads what all installed packages say of themselves, for a second and a half."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield


@contextmanager
def _logging_as_before() -> Iterator[None]:
    """A command that runs in this process sets up logging, the run's id and what is secret; the next test has its own."""
    from core import log

    root = logging.getLogger()
    handlers, level, run = root.handlers[:], root.level, log.run_id.get()
    secrets = set(log._secrets)
    levels = {name: logging.getLogger(name).level for name in log.PACKAGES}
    yield
    for name, own in levels.items():
        logging.getLogger(name).setLevel(own)
    root.handlers[:] = handlers
    root.setLevel(level)
    log.run_id.set(run)
    log._secrets.clear()
    log._secrets.update(secrets)


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Every test begins with logging as no command has set it up: fixtures of a module run commands before it."""
    from core import log

    root = logging.getLogger()
    root.handlers[:] = [
        each for each in root.handlers if not any(isinstance(f, log._Named) for f in each.filters)
    ]
    root.setLevel(logging.WARNING)
    for name in log.PACKAGES:
        logging.getLogger(name).setLevel(logging.NOTSET)
    with _logging_as_before():
        yield


@pytest.fixture
def bugs_are_meant() -> None:
    """For tests of what a page does about a bug in one of its parts."""


@pytest.fixture(autouse=True)
def _no_bug_in_a_part(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A part of a page that fails for a bug leaves the page alive, so that only the log tells a test of it."""
    yield
    bugs = [each for each in caplog.get_records("call") if each.name == "ui.errors" and each.exc_info]
    assert not bugs or "bugs_are_meant" in request.fixturenames, bugs[0].exc_text or bugs[0].exc_info


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Whoever ends its children ignores signals from then on, and programs started later would inherit that."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def _own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page test leaves app.py behind as the main module; a process spawned later would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever looks for the home without being told finds an empty one, and no checkout's settings.toml."""
    encryption.forget()  # a command of the test before has said whose settings encrypt
    monkeypatch.setenv("SUPPORTLENS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("core.settings.PROJECT", tmp_path)


@pytest.fixture
def home(tmp_path: Path) -> Any:
    """An empty home in the test's own folder; SUPPORTLENS_HOME points at it too."""
    from core.home import Home

    root = tmp_path / "home"
    root.mkdir(exist_ok=True)
    return Home(root)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock, fixed: 2026-11-16 09:00 UTC."""
    monkeypatch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
    return NOW


@pytest.fixture
def settings(home: Any) -> Any:
    """The default settings of an empty home."""
    from core.settings import load_settings

    return load_settings(home)


@pytest.fixture(scope="session")
def sample_home(
    _own_machine: None,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    shared_statements: Path,
) -> Any:
    """A refreshed sample workspace, made once: 600 conversations, seed 7, ending 2026-11-15. Read only.

    Its newest generation was published at the fixed time, so use it together with `now`.
    """
    from core.home import Home

    home = Home(made_once(request, tmp_path_factory, "sample_home", _refresh_sample))
    # A program that a test starts on a copy of it finds what was written until then.
    shared_statements.mkdir(exist_ok=True)
    home.cache.mkdir(exist_ok=True)
    (home.cache / "statements").symlink_to(shared_statements, target_is_directory=True)
    return home


def _refresh_sample(root: Path) -> None:
    from core.home import Home
    from jobs.cli import main
    from jobs.sample import generate

    with pytest.MonkeyPatch.context() as patch, _logging_as_before():
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        patch.setenv("SUPPORTLENS_HOME", str(root))
        patch.setattr("core.settings.PROJECT", root)
        generate(Home(root).sample, conversations=SAMPLE_CONVERSATIONS, seed=SAMPLE_SEED, end=SAMPLE_END)
        code = main(["refresh", "--home", str(root), "--json", "--quiet"])
        assert code == 0, f"the refresh of the sample workspace ended with {code}"


def find_service(name: str) -> str | None:
    """The path of the program behind a service, or None."""
    for candidate in SERVICES[name]:
        if "*" in candidate:
            found = sorted(Path("/").glob(candidate.lstrip("/")))
            if found:
                return str(found[-1])
        elif path := shutil.which(candidate):
            return path
    return None


@pytest.fixture(scope="session")
def require_service() -> Callable[[str], str]:
    """`require_service("chromium")` gives the program's path, or skips the test with the reason.

    With REQUIRE_SERVICES=1 a missing service is a failure, so that a green run has left nothing out.
    """

    def require(name: str) -> str:
        path = find_service(name)
        if path:
            return path
        reason = f"needs {name}: not installed here; scripts/test_services.sh installs it where it may"
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)

    return require
