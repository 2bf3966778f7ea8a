"""What stands around a soak on this machine: a helpdesk, a mail server, a webhook, and the settings that name them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench.soak.desk import TOKEN
from core import clock

if TYPE_CHECKING:
    from tests.alerts.servers import Hook, Mailbox
    from tests.fakes.zendesk import Zendesk

TICK_S = 10.0  # between two days of data, and between two refreshes
_SETTINGS = """
[workspace]
name = "Soak"
[schedule]
every = "{every:.0f}s"
[[sources]]
name = "export"
kind = "files"
path = "{folder}"
[[sources]]
name = "desk"
kind = "zendesk"
base_url = "{desk}"
email = "ada@acme.example"
api_token = "{token}"
timeout_s = 5.0
[[channels]]
name = "mail"
url = "{mail}"
[[channels]]
name = "hook"
kind = "webhook"
url = "{hook}"
secret = "{token}"
"""


@dataclass(frozen=True, slots=True)
class Around:
    """The three servers, in this process."""

    zendesk: Zendesk
    mailbox: Mailbox
    hook: Hook

    def settings(self, folder: Path) -> str:
        """The settings file of a workspace that reads the folder and the helpdesk."""
        return _SETTINGS.format(every=TICK_S, folder=folder, desk=self.zendesk.url, token=TOKEN,
                                mail=self.mailbox.url, hook=self.hook.url)  # fmt: skip


@contextmanager
def around() -> Iterator[Around]:
    """The servers while the block runs."""
    from tests.alerts.servers import mail_server, webhook
    from tests.fakes.zendesk import Zendesk, serving

    account = Zendesk(clock.now() - timedelta(days=3650))
    with serving(account) as zendesk, mail_server() as mailbox, webhook() as hook:
        yield Around(zendesk, mailbox, hook)
