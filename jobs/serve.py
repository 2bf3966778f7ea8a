"""The dashboard as a process: one per home, on this machine only, with data, leaving nothing behind."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, NoReturn

from core import clock, log
from core.errors import AppError, ConfigError, NothingPublished
from core.home import PROJECT, Home
from core.settings import Settings, settings_path, written_files
from jobs.cli import PARTLY
from jobs.family import Family
from jobs.timer_beside import TimerBeside
from store import generations
from store.connection import require_opening
from store.leftovers import forget_uploads

# A start refreshes in the background, unless the data is younger than this and the settings older.
FRESH_ENOUGH = timedelta(hours=1)
START_PATIENCE_S = 60.0


class CannotServe(AppError):
    """The dashboard cannot start."""

    code = "cannot_serve"


@dataclass(frozen=True, slots=True)
class Served:
    """How it went: where the dashboard was, and whether another process already served it."""

    address: str
    already_running: bool = False
    process: int = 0


def serve(home: Home, settings: Settings, settings_file: Path | None, port: int | None) -> Served:
    """Serve until somebody stops it. Returns at once, with its address, when this home is served already."""
    host = allowed(settings)
    if settings.dashboard.log_json:
        log.write_json()
    port = port or settings.dashboard.port
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    home.make()
    with _only_one(home, address) as other:
        if other:
            return other
        _require_free(host, port)
        require_opening(home)
        forget_uploads(home)
        told = {"SUPPORTLENS_DASHBOARD__LOG_JSON": "true"} if log.is_json() else {}
        environment = child_environment(home, settings_file) | told
        _stop_on_signals()
        with Family() as family:
            try:
                timed = settings.schedule.with_dashboard
                _serve(family, home, settings_path(home, settings_file), environment, address, timed=timed)
            except KeyboardInterrupt:
                _say("stopping")
        return Served(address, process=os.getpid())


def allowed(settings: Settings) -> str:
    """The address to listen on. Raises ConfigError for one beyond this machine without a sign-in."""
    address = settings.dashboard.address
    if not settings.sign_in.may_serve(address):
        raise ConfigError(
            f"dashboard.address is {address}, and nobody signs in: it must stay on this machine.",
            hint="Set sign_in.by (docs/sign-in.md), or use 127.0.0.1 and an SSH tunnel.",
        )
    return address


def command_line(*words: str) -> list[str]:
    """The command line of a job that writes its log lines as this process does."""
    return [sys.executable, "-m", "jobs", *words, *["--log-json"] * log.is_json()]


def child_environment(home: Home, settings_file: Path | None) -> dict[str, str]:
    """The environment of our children: this home, and every cache inside it."""
    cache = home.cache
    return {
        **os.environ,
        "SUPPORTLENS_HOME": str(home.root),
        **({"SUPPORTLENS_SETTINGS": str(settings_file.resolve())} if settings_file else {}),
        "XDG_CACHE_HOME": str(cache / "xdg"),
        "HF_HOME": str(cache / "huggingface"),
        "MPLCONFIGDIR": str(cache / "matplotlib"),
        "TIKTOKEN_CACHE_DIR": str(cache / "tiktoken"),
        # Nobody is told that, or how, the product is used.
        "DO_NOT_TRACK": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "ANONYMIZED_TELEMETRY": "False",
        "LANGSMITH_TRACING": "false",
        "PYTHONUNBUFFERED": "1",
    }


def _serve(
    family: Family,
    home: Home,
    settings_file: Path | None,
    environment: dict[str, str],
    address: str,
    *,
    timed: bool,
) -> None:
    from jobs.alerting import AlertClock, sound_alarm  # which draws pages for letters, by this module

    published = published_at(home)
    if published is None:
        _say("loading data for the first time")
        if family.wait(_start_refresh(family, environment)) not in (0, PARTLY):
            raise CannotServe(
                "nothing could be loaded, so there is nothing to show.",
                hint="The reason is printed above; `python -m jobs doctor` says more.",
            )
    started = time.monotonic()
    dashboard = _start_dashboard(family, environment, address)
    _wait_until_ready(dashboard, address)
    print(f"\n  Supportlens is ready: {address}   (Ctrl-C stops it)\n", flush=True)
    _say(f"started in {time.monotonic() - started:.1f} s")
    timer = TimerBeside(home, lambda: _start_timer(family, environment))
    if timed:
        _say("the timer runs too")
        timer.look()
    elif published and needs_refresh(home, settings_file, published):
        _say(f"showing the data of {published:%Y-%m-%d %H:%M} UTC; a refresh runs in the background")
        refresh = _start_refresh(family, environment, "--quiet")
        threading.Thread(target=_report, args=(refresh, published), daemon=True).start()
    # Also beside a timer, which looks for a silence itself: one that cannot run says nothing.
    with AlertClock(home, settings_file, act=sound_alarm):
        code = family.wait(dashboard, meanwhile=timer.look if timed else None)
    raise CannotServe(
        f"the dashboard ended by itself (exit code {code}).", hint="The reason is printed above."
    )


def published_at(home: Home) -> datetime | None:
    """When the data that readers see was published, or None when there is nothing to read."""
    try:
        generation = generations.current(home)
    except NothingPublished:
        return None
    return generation.published_at if generation.path.is_file() else None


def needs_refresh(home: Home, settings_file: Path | None, published: datetime) -> bool:
    """Whether a start should refresh: the data is older than an hour, or the settings changed since."""
    files = [path for path in (settings_file, *written_files(home)) if path and path.is_file()]
    changed = max((datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in files), default=published)
    return changed > published or clock.now() - published > FRESH_ENOUGH


def _start_refresh(family: Family, environment: dict[str, str], *more: str) -> subprocess.Popen[bytes]:
    return family.start(command_line("refresh", *more), cwd=PROJECT, env=environment)


def _start_timer(family: Family, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return family.start(command_line("schedule", "--quiet"), cwd=PROJECT, env=environment)


def _start_dashboard(family: Family, environment: dict[str, str], address: str) -> subprocess.Popen[bytes]:
    host, port = address.removeprefix("http://").rsplit(":", 1)
    options = {
        "server.address": host.strip("[]"),
        "server.port": port,
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
        "logger.hideWelcomeMessage": "true",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    return family.start([sys.executable, "-m", "ui", *flags], cwd=PROJECT, env=environment)


def _wait_until_ready(dashboard: subprocess.Popen[bytes], address: str) -> None:
    host, port = address.removeprefix("http://").rsplit(":", 1)
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline:
        if dashboard.poll() is not None:
            raise CannotServe("the dashboard did not start.", hint="The reason is printed above.")
        if _is_healthy(host.strip("[]"), int(port)):
            return
        time.sleep(0.1)
    raise CannotServe(f"the dashboard did not answer within {START_PATIENCE_S:.0f} s.", hint="Try again.")


def _is_healthy(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().read() == b"ok"  # an unknown path answers 200 too, with a page
    except OSError:
        return False
    finally:
        connection.close()


def _report(refresh: subprocess.Popen[bytes], published: datetime) -> None:
    code = refresh.wait()
    if code == PARTLY:
        _say("the refresh is done, but not everything could be read, for the reason above")
    elif code > 0:
        _say(f"the refresh failed, for the reason above: the data of {published:%Y-%m-%d %H:%M} UTC stays")
    elif code == 0:
        _say("the refresh is done")


@contextmanager
def _only_one(home: Home, address: str) -> Iterator[Served | None]:
    """Hold the home's dashboard lock; gives the process that holds it already, if there is one."""
    with (home.root / "dashboard.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield _holder(file)
            return
        file.truncate(0)
        file.write(json.dumps({"process": os.getpid(), "address": address}))
        file.flush()
        yield None
        file.truncate(0)


def _holder(file: IO[str]) -> Served:
    file.seek(0)
    try:
        holder = json.loads(file.read())
    except ValueError:  # it has the lock, and has not written yet
        holder = {}
    return Served(holder.get("address", "starting just now"), True, holder.get("process", 0))


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise CannotServe(
                f"port {port} is in use by another program.", hint=f"Try `make run PORT={port % 65535 + 1}`."
            ) from None


def _stop_on_signals() -> None:
    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)
