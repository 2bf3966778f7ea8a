"""The container's files and the server's: that they name what there is, and give no more than is needed."""

from __future__ import annotations

import configparser
import importlib
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from core.home import PROJECT, Home
from core.settings import Dashboard, load_settings
from ui.resources import KEPT_OPEN
from ui.server import closed, meters, probes

MEMORY = "SUPPORTLENS_STORAGE__MEMORY_MB"
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
PIN = re.compile(r"^([\w-]+)(?:\[\w+\])?==(\S+)", re.MULTILINE)


def steps(word: str) -> list[str]:
    """What stands behind each instruction of this name, with continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", DOCKERFILE)
    found = re.findall(rf"^{word} (.*)$", joined, re.MULTILINE)
    assert found, f"no {word}"
    return found


def test_the_image_copies_what_there_is_and_keeps_what_is_private_out() -> None:
    for copied in steps("COPY"):
        *sources, _ = [word for word in copied.split() if not word.startswith("--")]
        assert copied.startswith("--from=") or all((PROJECT / source).exists() for source in sources)
    kept_out = (PROJECT / ".dockerignore").read_text().splitlines()
    assert {".git", ".venv", "data/var", "settings.toml", ".env", ".streamlit/secrets.toml"} <= set(kept_out)


def test_the_image_runs_as_nobody_in_particular_and_names_versions() -> None:
    assert re.fullmatch(r"[1-9]\d{4}:[1-9]\d{4}", steps("USER")[-1])
    images = [line.split()[0] for line in steps("FROM")]
    images += [part["image"] for part in COMPOSE["services"].values() if "build" not in part]
    assert len(images) >= 4 and all(":" in image and not image.endswith(":latest") for image in images)
    python = (
        (PROJECT / ".python-version").read_text().strip()
        if (PROJECT / ".python-version").exists()
        else "3.11"
    )
    assert all(image.startswith(f"python:{python}") for image in [line.split()[0] for line in steps("FROM")])


def test_what_containers_run_are_programs_of_ours() -> None:
    commands = [yaml.safe_load(steps("CMD")[-1])]
    commands += [part["command"] for part in COMPOSE["services"].values() if "command" in part]
    for command in commands:
        assert command[:2] == ["python", "-m"]
        importlib.import_module(command[2])
        if command[2] == "jobs":
            importlib.import_module(f"jobs.commands.{command[3]}")


def test_our_containers_can_write_to_their_home_alone() -> None:
    ours = [part for part in COMPOSE["services"].values() if "build" in part]
    assert len(ours) == 2
    for part in ours:
        assert part["read_only"] is True and part["cap_drop"] == ["ALL"]
        assert part["security_opt"] == ["no-new-privileges:true"] and part["user"] == "10001:10001"
        assert [volume.split(":")[1] for volume in part["volumes"]] == ["/home/supportlens"]
        assert {"CHROMA_URL", "SUPPORTLENS_DATABASE_URL"} <= part["environment"].keys()
        assert all(port.startswith("127.0.0.1:") for port in part.get("ports", ()))


def test_the_server_of_the_index_is_of_the_client_s_version() -> None:
    pins = dict(PIN.findall((PROJECT / "requirements.txt").read_text()))
    assert COMPOSE["services"]["chroma"]["image"] == f"chromadb/chroma:{pins['chromadb']}"


def test_one_dashboard_is_asked_only_whether_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one upstream a proxy that asks /readyz shuts out the pages that say what is wrong, and *Refresh now*."""
    text = (PROJECT / "docs" / "examples" / "Caddyfile").read_text()
    (upstreams,) = re.findall(r"^\s*reverse_proxy (.+) \{$", text, re.MULTILINE)
    (address,) = re.findall(r"^\s*health_uri (\S+)$", text, re.MULTILINE)
    assert address == ("/healthz" if len(upstreams.split()) == 1 else "/readyz")
    monkeypatch.setattr(meters, "registry", CollectorRegistry())
    assert address in [route.path for route in probes.routes()]


def test_the_proxy_lets_pass_what_a_page_takes() -> None:
    """A page takes megabytes of 2^20 bytes, and a form around the file; the proxy counts in 10^6."""
    text = (PROJECT / "docs" / "examples" / "Caddyfile").read_text()
    (limit,) = re.findall(r"^\s*max_size (\d+)MB$", text, re.MULTILINE)
    form = 1_000_000
    assert int(limit) * 1_000_000 >= Dashboard().max_upload_mb * 2**20 + form


def test_the_proxy_keeps_measures_inside() -> None:
    text = (PROJECT / "docs" / "examples" / "Caddyfile").read_text()
    (paths,) = re.findall(r"^\s*@inside path (.+)$", text, re.MULTILINE)
    assert {"/metrics", *closed.CLOSED} <= set(paths.split())


def test_what_queries_may_take_fits_into_each_limit() -> None:
    """Open generations have their memory each: those that pages keep open, and the one that a refresh writes."""
    unit = (PROJECT / "docs" / "examples" / "supportlens.service").read_text()
    limits = [
        (int(part["mem_limit"].removesuffix("g")), int(part["environment"].get(MEMORY, 4000)))
        for part in COMPOSE["services"].values()
        if "build" in part
    ]
    (most,) = re.findall(r"^MemoryMax=(\d+)G$", unit, re.MULTILINE)
    limits.append(
        (int(most), int((re.findall(rf"^Environment={MEMORY}=(\d+)$", unit, re.MULTILINE) or [4000])[0]))
    )
    assert len(limits) == 3
    for gigabytes, megabytes in limits:
        assert megabytes >= 256 and (KEPT_OPEN + 1) * megabytes <= 0.8 * gigabytes * 1024


def test_the_limit_of_queries_is_read_from_its_variable(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEMORY, "800")
    home.settings_file.parent.mkdir(parents=True, exist_ok=True)
    home.settings_file.write_text("[storage]\nencrypted_volume = true\n")
    found = load_settings(home).storage
    assert (found.memory_mb, found.encrypted_volume) == (800, True)


def test_the_account_of_the_service_is_made_and_can_put_a_backup_in_place() -> None:
    """The unit starts under an account that the page makes, and the home lies in a folder that is the account's."""
    unit = (PROJECT / "docs" / "examples" / "supportlens.service").read_text()
    page = (PROJECT / "docs" / "deployment.md").read_text()
    script = (PROJECT / "docs" / "examples" / "as_service").read_text()
    (account,) = re.findall(r"^User=(.+)$", unit, re.MULTILINE)
    (state,) = re.findall(r"^StateDirectory=(.+)$", unit, re.MULTILINE)
    (home,) = re.findall(r"^Environment=SUPPORTLENS_HOME=(.+)$", unit, re.MULTILINE)
    assert Path(home).parent == Path("/var/lib") / state
    assert re.search(rf"^useradd .*--home-dir /var/lib/{state} .*\b{account}$", page, re.MULTILINE)
    assert f"runuser -u {account} " in script and f"state={Path(home).parent}\n" in script
    assert f"SUPPORTLENS_HOME=$state/{Path(home).name} " in script


def test_a_command_as_the_service_has_the_variables_of_the_service(tmp_path: Path) -> None:
    """Keys lie in the file that the unit names: a backup or a check without them fails where the dashboard works."""
    unit = (PROJECT / "docs" / "examples" / "supportlens.service").read_text()
    script = (PROJECT / "docs" / "examples" / "as_service").read_text()
    (variables,) = re.findall(r"^EnvironmentFile=-(.+)$", unit, re.MULTILINE)
    (program,) = re.findall(r"^WorkingDirectory=(.+)$", unit, re.MULTILINE)
    assert f"cd {program}\n" in script
    file = tmp_path / "as_service"
    file.write_text(script.replace(variables, f"{tmp_path}/env").replace(program, str(tmp_path)))
    become = tmp_path / "runuser"  # -u ACCOUNT -- COMMAND …
    become.write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
    become.chmod(0o755)
    asked = [*("sh", str(file)), *("sh", "-c", 'echo "$KEY $SUPPORTLENS_HOME $1"', "sh", "a  b")]
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    without = subprocess.run(asked, env=path, capture_output=True, text=True, check=True).stdout
    (tmp_path / "env").write_text("KEY='one $two'\n")
    told = subprocess.run(asked, env=path, capture_output=True, text=True, check=True).stdout
    (home,) = re.findall(r"^Environment=SUPPORTLENS_HOME=(.+)$", unit, re.MULTILINE)
    assert (without, told) == (f" {home} a  b\n", f"one $two {home} a  b\n")


def test_what_the_page_of_deployment_asks_for_needs_nothing_of_an_earlier_shell() -> None:
    """Each block is typed on another day: it names no variable, and no function, that another one has set."""
    page = (PROJECT / "docs" / "deployment.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4 and any("jobs restore" in block for block in blocks)
    for block in blocks:
        shell = re.sub(r"'[^']*'", "", block)
        assert not re.findall(r"\$\w+|\.\./", shell) and "as_service()" not in block
        assert "git checkout" not in block or block.startswith("cd /")


def test_variables_of_the_files_are_known(tmp_path: Path) -> None:
    known = (PROJECT / "docs" / "settings.md").read_text()
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(PROJECT / "docs" / "examples" / "supportlens.service")
    assert shlex.split(unit["Service"]["ExecStart"])[1:] == ["-m", "jobs", "serve"]
    files = [DOCKERFILE, (PROJECT / "compose.yaml").read_text()]
    files.append((PROJECT / "docs" / "examples" / "supportlens.service").read_text())
    named = {name for text in files for name in re.findall(r"\bSUPPORTLENS_[A-Z_]+|\bCHROMA_URL", text)}
    assert len(named) >= 5 and {name for name in named if f"`{name}`" not in known} == set()
