"""`jobs report`: a page as a file, by the same filters as the page's address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.home import Home
from jobs.cli import main


@pytest.fixture
def report(capfd: pytest.CaptureFixture[str], sample_home: Home, now: Any, tmp_path: Path) -> Any:
    def reported(*arguments: str, out: Path = tmp_path / "report.html") -> tuple[int, dict[str, Any], Path]:
        code = main(
            ["report", "--home", str(sample_home.root), "--quiet", "--json", "--out", str(out), *arguments]
        )
        return code, dict(json.loads(capfd.readouterr().out)), out

    return reported


@pytest.mark.slow
def test_the_page_is_drawn_as_asked(report: Any) -> None:
    code, told, path = report(
        "--page", "volume", "--from", "2026-10-01", "--to", "2026-10-31", "--filter", "channel=email", "--filter",
        "channel=chat", "--any", "priority!:low|team:Billing", "--compare", "none", "--grain", "week", "--hours", "business",
    )  # fmt: skip
    text = path.read_text(encoding="utf-8")
    assert code == 0 and told["page"] == "Volume" and told["period"] == "2026-10-01 to 2026-10-31"
    assert told["bytes"] == path.stat().st_size and told["parts"] > 5 and told["generation"] == 1
    assert (
        "<dt>Filters</dt><dd>channel is chat or email; and any of: priority is not low, or team is Billing</dd>"
        in text
    )
    assert "<dt>Compared with</dt><dd>nothing</dd>" in text and "2026-10-01 to 2026-10-31" in text
    assert "per week, 2026-10-01 to 2026-10-31" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--page", "nowhere"], "no page called 'nowhere'"),
        (["--filter", "channel=carrier pigeon"], "carrier pigeon"),
        (["--from", "2020-01-01", "--to", "2020-02-01"], "these days"),
    ],
)
def test_what_cannot_be_shown_leaves_no_file(report: Any, arguments: list[str], words: str) -> None:
    code, told, path = report(*arguments)
    assert code == 1 and words in told["error"]["message"]
    assert not path.exists()


def test_a_place_that_is_not_there(report: Any, tmp_path: Path) -> None:
    code, told, _ = report(out=tmp_path / "missing" / "report.html")
    assert code == 1 and "cannot be a file" in told["error"]["message"]


def test_a_home_without_data_says_what_to_do(
    home: Home, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = main(["report", "--home", str(home.root), "--quiet", "--json", "--out", str(tmp_path / "x.html")])
    assert code == 1 and json.loads(capfd.readouterr().out)["error"]["code"] == "nothing_published"


def test_a_kind_that_is_never_left_out_cannot_be_included(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["report", "--home", str(home.root), "--out", "x.html", "--include", "nobody"])
    assert "invalid choice: 'nobody'" in capsys.readouterr().err
