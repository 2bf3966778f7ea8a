"""The list of all commands, as somebody reads it first."""

from __future__ import annotations

import pytest

from jobs.cli import main


def test_a_percent_sign_in_what_a_command_says_of_itself_is_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    printed = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0 and "summarise" in printed and "80 % band" in printed
