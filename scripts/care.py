"""The project's own care: whose licences it carries, and that no secret lies in its files.

python scripts/care.py licences                 a row for each package of requirements.lock
python scripts/care.py secrets [FOLDER …]       in tracked files, or in all below some folders
python scripts/care.py secrets --accept         keep today's finds as known: look-alikes that tests need

Exit code 1 when a licence may not be carried or a secret was found. Advisories need the network:
`.venv/bin/uv tool run pip-audit --requirement requirements.lock --no-deps` asks PyPI for them.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
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
    from enrich.masked_secrets import formed_like_secrets

    if path.stat().st_size > LARGEST:
        return
    text = path.read_bytes().decode("utf-8", errors="replace")
    for found in formed_like_secrets(text):
        mark = hashlib.sha256(found.encode()).hexdigest()[:16]
        yield Secret(path, text.count("\n", 0, text.index(found)) + 1, found[:4] + "…", mark)


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
        KNOWN.write_text("".join(f"{row}\n" for row in sorted(rows, key=lambda row: row.split(" ", 1)[1])))
        return 0
    for one in found:
        print(f"{one.path}:{one.line}: {one.kind} ({one.mark})")
    return int(bool(found))


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words ask for."""
    sys.path.insert(0, str(PROJECT))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=("licences", "secrets"))
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--accept", action="store_true", help="keep today's finds in tracked files as known")
    args = parser.parse_args(words)
    return _print_licences() if args.what == "licences" else _print_secrets(args.folders, args.accept)


if __name__ == "__main__":
    sys.exit(main())
