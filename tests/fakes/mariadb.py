"""A real MariaDB on loopback, for the tests that need one. `python -m tests.fakes.mariadb` starts it by hand."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.postgres import free_port


@dataclass
class Mariadb:
    """A running server; `root` may do everything, `reader` may select."""

    folder: Path
    program: str
    port: int
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def connect(self, **changes: Any) -> Any:
        import pymysql

        given = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "root",
            "autocommit": True,
            "charset": "utf8mb4",
            # The server has the zone of this machine; what tests tell it is in UTC.
            "init_command": "SET time_zone = '+00:00'",
        }
        return pymysql.connect(**(given | changes))

    def run(self, *statements: str, **changes: Any) -> None:
        with closing(self.connect(**changes)) as con, con.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def start(self, *options: str) -> None:
        import pymysql

        account = ["--user=mysql"] if os.geteuid() == 0 else []
        with (self.folder / "log").open("ab") as log:
            self.process = self._begin(account, options, log)
        for _ in range(400):
            try:
                self.connect().close()
                return
            except pymysql.OperationalError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])

    def _begin(self, account: list[str], options: tuple[str, ...], log: Any) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [self.program, "--no-defaults", *account, f"--datadir={self.folder}/data", f"--port={self.port}",
             "--bind-address=127.0.0.1", f"--socket={self.folder}/my.sock", f"--pid-file={self.folder}/my.pid",
             "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--skip-name-resolve",
             "--max-allowed-packet=64M", *options],
            stdout=subprocess.DEVNULL, stderr=log, cwd="/",
        )  # fmt: skip

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def begun(program: str) -> Mariadb:
    """Make and start a server."""
    folder = Path(tempfile.mkdtemp(prefix="supportlens-my-"))
    install = shutil.which("mariadb-install-db") or "mariadb-install-db"
    account = ["--user=mysql"] if os.geteuid() == 0 else []
    if account:
        shutil.chown(folder, "mysql")
    subprocess.run(
        [install, "--no-defaults", *account, f"--datadir={folder}/data",
         "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = Mariadb(folder, program, free_port())
    server.start()
    server.run(
        "CREATE USER reader@'%' IDENTIFIED BY 'canary-4f1d9c-secret'", "CREATE DATABASE lab CHARACTER SET utf8mb4",
        "GRANT SELECT ON lab.* TO reader@'%'",
    )  # fmt: skip
    return server


@pytest.fixture(scope="session")
def mariadb(require_service: Callable[[str], str]) -> Iterator[Mariadb]:
    server = begun(require_service("mariadb"))
    yield server
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


if __name__ == "__main__":
    from tests.conftest import find_service

    one = begun(find_service("mariadb") or "mariadbd")
    print(f"mysql://reader:…@127.0.0.1:{one.port}/lab; stop it with Ctrl-C")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        one.stop()
