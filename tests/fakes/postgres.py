"""A real PostgreSQL on loopback, for the tests that need one. `python -m tests.fakes.postgres` starts it by hand."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ACCOUNT = "postgres"  # the server refuses to run as root


def free_port() -> int:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Postgres:
    """A running server; `postgres` may do everything, `reader` may select."""

    folder: Path
    programs: Path
    port: int

    def connect(self, **changes: Any) -> Any:
        import psycopg2

        # The server has the zone of this machine; what tests tell it is in UTC.
        given = {"host": "127.0.0.1", "port": self.port, "user": ACCOUNT, "dbname": "postgres",
                 "options": "-c timezone=UTC"}  # fmt: skip
        con = psycopg2.connect(**(given | changes))
        con.autocommit = True
        return con

    def run(self, *statements: str, **changes: Any) -> None:
        with closing(self.connect(**changes)) as con, con.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def until(self, question: str, answer: str) -> None:
        """Wait until a changed setting holds for new connections."""
        for _ in range(100):
            with closing(self.connect()) as con, con.cursor() as cursor:
                cursor.execute(question)
                if cursor.fetchone()[0] == answer:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"{question} does not become {answer}")

    def control(self, *words: str) -> None:
        as_account([str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), "-w", *words])

    def start(self, *options: str) -> None:
        told = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off " + " ".join(
            options
        )
        quick = " -c synchronous_commit=off -c full_page_writes=off"
        self.control("-l", str(self.folder / "log"), "-o", told + quick, "start")

    def stop(self) -> None:
        self.control("-m", "immediate", "stop")


def as_account(command: Sequence[str]) -> None:
    """Run a program of the server, not as root."""
    before = ["runuser", "-u", ACCOUNT, "--"] if os.geteuid() == 0 else []
    done = subprocess.run([*before, *command], capture_output=True, text=True, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")


def begun(initdb: str) -> Postgres:
    """Make and start a server."""
    folder = Path(tempfile.mkdtemp(prefix="supportlens-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT)
    as_account([initdb, "-D", str(folder / "data"), "-A", "trust", "-U", ACCOUNT, "-E", "UTF8", "--no-sync",
                "--locale=C.UTF-8"])  # fmt: skip
    server = Postgres(folder, Path(initdb).parent, free_port())
    server.start()
    server.run("CREATE ROLE reader LOGIN PASSWORD 'canary-4f1d9c-secret'", "GRANT pg_read_all_data TO reader")
    return server


@pytest.fixture(scope="session")
def postgres(require_service: Callable[[str], str]) -> Iterator[Postgres]:
    server = begun(require_service("postgresql"))
    yield server
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


if __name__ == "__main__":
    from tests.conftest import find_service

    one = begun(find_service("postgresql") or "initdb")
    print(f"postgresql://reader@127.0.0.1:{one.port}/postgres; stop it with Ctrl-C")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        one.stop()
