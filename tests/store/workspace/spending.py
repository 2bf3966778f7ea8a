"""What the workspace has noted of models' use: the product only adds to it and holds it against limits."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from store.workspace import Spent, Workspace
from store.workspace.tables import MODEL_SPENDING


def spent_on(workspace: Workspace, day: date) -> Spent:
    """What was used on a day of the reporting zone."""
    query = select(MODEL_SPENDING.c.tokens, MODEL_SPENDING.c.dollars).where(MODEL_SPENDING.c.day == day)
    with workspace._reading() as con:
        row = con.execute(query).first()
    return Spent(int(row.tokens), float(row.dollars)) if row else Spent()
