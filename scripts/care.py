"""The project's own care: whose licences it carries, and that no secret lies in its files.

python scripts/care.py licences                 a row for each package of requirements.lock
python scripts/care.py secrets [FOLDER …]       in tracked files, or in all below some folders
python scripts/care.py secrets --accept         keep today's finds as known: look-alikes that tests need
python scripts/care.py advisories               what is known against the packages of requirements.lock (asks PyPI)

Exit code 1 when a licence may not be carried, a secret was found or an advisory is known. Where advisories cannot be asked
for, such as without a network, they are said not to be checked.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
KNOWN = PROJECT / "tests" / "planted_secrets.txt"
LARGEST = 20_000_000  # bytes of a file that is read
_FREE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|LGPL|Lesser General|Zlib|CC0|Unlicense",
    re.IGNORECASE,
)
_BOUND = re.compile(r"\b(?:A?GPL|Affero)|(?<!Lesser )General Public", re.IGNORECASE)
# How what `formed_like_secrets` finds begins (an address: its middle), and how far it reaches to both sides at most.
_MARKS = (
    b"-----BEGIN", b"://", b"sk-", b"sk_", b"pk_", b"rk_", b"wk_", b"whsec_", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_",
    b"github_pat_", b"glpat-", b"AKIA", b"ASIA", b"xox", b"xapp-", b"AIza", b"ya29.", b"npm_", b"pypi-", b"hf_", b"dop_v1_",
    b"shp", b"SG.", b"sq0", b"EAA", b"eyJ",
)  # fmt: skip
_BEFORE, _AFTER = 300, 5_000
_AUDIT = (
    "uv",
    "tool",
    "run",
    "pip-audit",
    "--requirement",
    "requirements.lock",
    "--no-deps",
    "--format",
    "json",
)
_AUDIT_S = 300
_PINNED = re.compile(r"^([\w.-]+)==([\w.!+-]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Licence:
    """What a package says of itself; a package that this platform does not install says nothing."""

    package: str
    version: str
    text: str

    @property
    def may_be_carried(self) -> bool:
        """Whether a program under the MIT licence may depend on it."""
        return self.text == "(not installed here)" or may_be_carried(self.text)


@dataclass(frozen=True, slots=True)
class Secret:
    """Where something stands that has the form of a key; `mark` names it without telling it."""

    path: Path
    line: int
    kind: str
    mark: str


def may_be_carried(text: str) -> bool:
    """Whether one of the offered licences asks no more than to be named, or stays within its own files."""
    return any(_FREE.search(one) and not _BOUND.search(one) for one in re.split(r"\bOR\b|;", text))


def licences(lock: Path) -> list[Licence]:
    """The licence of every pinned package, as its metadata has it."""
    return [
        Licence(name, version, _licence(name))
        for name, version in _PINNED.findall(lock.read_text(encoding="utf-8"))
    ]


def _licence(package: str) -> str:
    try:
        told = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return "(not installed here)"
    classes = [
        one.rsplit(" :: ", 1)[-1] for one in told.get_all("Classifier") or [] if one.startswith("License :: ")
    ]
    text = str(told.json.get("license_expression") or "") or "; ".join(
        one for one in classes if one != "OSI Approved"
    )
    return text or next(iter(str(told.json.get("license") or "").splitlines()), "")


def tracked(project: Path) -> list[Path]:
    """The files that git keeps, without those that have been deleted."""
    told = subprocess.run(["git", "ls-files", "-z"], cwd=project, check=True, capture_output=True).stdout
    return [path for name in told.decode().split("\0") if name and (path := project / name).is_file()]


def known(project: Path) -> set[str]:
    """Marks of the look-alikes that the tests need."""
    return {
        line.split()[0] for line in (project / KNOWN.relative_to(PROJECT)).read_text().splitlines() if line
    }


def secrets(paths: Iterable[Path], known: Collection[str]) -> list[Secret]:
    """What has the form of a key, a token, a private key or an address with its password, and is not known."""
    return [one for path in paths for one in _in_file(path) if one.mark not in known]


def _in_file(path: Path) -> Iterator[Secret]:
    if path.stat().st_size <= LARGEST:
        yield from secrets_in(path, path.read_bytes())


def secrets_in(path: Path, data: bytes) -> Iterator[Secret]:
    """The same in bytes that a file holds, or holds packed; known ones too."""
    from enrich.masked_secrets import formed_like_secrets

    for begin, end in _where(data):
        text = data[begin:end].decode("utf-8", errors="replace")
        for found in formed_like_secrets(text):
            line = data.count(b"\n", 0, begin) + text.count("\n", 0, text.index(found)) + 1
            yield Secret(path, line, found[:4] + "…", hashlib.sha256(found.encode()).hexdigest()[:16])


def _where(data: bytes) -> Iterator[tuple[int, int]]:
    """The parts of a file that may hold something: what is looked for by its form alone is looked for slowly."""
    marks = sorted(hit.start() for mark in _MARKS for hit in re.finditer(re.escape(mark), data))
    begin = end = 0
    for mark in marks:
        if mark - _BEFORE > end:
            if end:
                yield begin, end
            begin = max(0, mark - _BEFORE)
        end = mark + _AFTER
    if end:
        yield begin, end


def _print_licences() -> int:
    rows = licences(PROJECT / "requirements.lock")
    for row in rows:
        print(f"{row.package}=={row.version}\t{row.text}\t{'' if row.may_be_carried else 'NOT ALLOWED'}")
    return int(not all(row.may_be_carried for row in rows))


def _print_secrets(folders: Sequence[Path], accept: bool) -> int:
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    found = secrets(paths or tracked(PROJECT), set() if accept else known(PROJECT))
    if accept:
        rows = {f"{one.mark} {one.path.relative_to(PROJECT)}" for one in found}
        KNOWN.write_text("".join(f"{row}\n" for row in sorted(rows, key=lambda row: row.split(" ", 1)[::-1])))
        return 0
    for one in found:
        print(f"{one.path}:{one.line}: {one.kind} ({one.mark})")
    return int(bool(found))


def print_advisories(run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run) -> int:
    """Say what is known against the locked packages, or plainly that it could not be asked for."""
    command = [str(Path(sys.executable).with_name(_AUDIT[0])), *_AUDIT[1:]]
    try:
        told = run(command, cwd=PROJECT, capture_output=True, text=True, timeout=_AUDIT_S)
        packages = json.loads(told.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired) as error:
        return _not_checked(str(error))
    except (ValueError, KeyError):
        lines = told.stderr.strip().splitlines() or ["pip-audit gave no answer"]
        return _not_checked(([line for line in lines if "error" in line.lower()] or lines)[-1])
    known = [(one, flaw) for one in packages for flaw in one.get("vulns", ())]
    for one in packages:
        if "skip_reason" in one:
            print(f"advisories: {one['name']}: NOT CHECKED, {one['skip_reason']}")
    for one, flaw in known:
        print(
            f"{one['name']}=={one['version']}\t{flaw['id']}\tfixed in {', '.join(flaw['fix_versions']) or 'nothing yet'}"
        )
    if not known:
        n = sum("vulns" in one for one in packages)
        print(f"advisories: no advisory is known about {n} {'package' if n == 1 else 'packages'}")
    return int(bool(known))


def _not_checked(why: str) -> int:
    print(f"advisories: NOT CHECKED: {why}")
    print("They are asked for at PyPI; run `make care` again where there is a network.")
    return 0


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words ask for."""
    sys.path.insert(0, str(PROJECT))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=("licences", "secrets", "advisories"))
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--accept", action="store_true", help="keep today's finds in tracked files as known")
    args = parser.parse_args(words)
    if args.what == "advisories":
        return print_advisories()
    return _print_licences() if args.what == "licences" else _print_secrets(args.folders, args.accept)


if __name__ == "__main__":
    sys.exit(main())
