"""`python -m jobs tokens …`: tokens for machines that read `/metrics` where people sign in."""

from __future__ import annotations

import argparse
from typing import Any

from core.errors import InputError
from core.viewer import EVERYTHING
from jobs.cli import Context, plain

HELP = "tokens for machines: make one, list them, revoke one"
DAYS = 90


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("action", nargs="?", choices=("list", "make", "revoke"), default="list")
    parser.add_argument("token", nargs="?", help="make: its name; revoke: its number")
    parser.add_argument("--scope", action="append", default=[], help="what it opens (default: metrics)")
    parser.add_argument("--days", type=int, default=DAYS, help=f"how long it lasts (default {DAYS})")
    parser.add_argument("--owner", default=EVERYTHING.name, help="in whose name it is made")


def run(args: argparse.Namespace, context: Context) -> dict[str, Any]:
    """The token, once; or the tokens there are. Raises InputError, StoreError."""
    from store.workspace import Workspace

    workspace = Workspace(context.home)
    if args.action == "list":
        return {"action": "list", "tokens": [plain(token) for token in workspace.tokens()]}
    if args.token is None:
        raise InputError(f"{args.action} needs the token's {'name' if args.action == 'make' else 'number'}.")
    if args.action == "make":
        made = workspace.make_token(
            args.token, scopes=args.scope or ["metrics"], days=args.days, owner=args.owner
        )
        detail = {"token": args.token, "done": "made", "days": args.days}
    else:
        number = next((one.id for one in workspace.tokens() if str(one.id) == args.token), None)
        if number is None or not workspace.revoke_token(number):
            raise InputError(
                f"there is no token {args.token} that still opens something.", hint="See `jobs tokens`."
            )
        made, detail = None, {"token": number, "done": "revoked"}
    workspace.audit("changed", viewer=args.owner, detail=detail)
    return {"action": args.action, **({"secret": made} if made else {"revoked": detail["token"]})}


def show(result: dict[str, Any]) -> None:
    """The token with a warning; a line a token."""
    if result["action"] == "make":
        print(result["secret"])
        print("It is shown this once. Send it as `Authorization: Bearer …`.")
    elif result["action"] == "revoke":
        print(f"Token {result['revoked']} opens nothing any more.")
    elif not result["tokens"]:
        print("No token was made yet.")
    for one in result.get("tokens", ()):
        state = "revoked" if one["revoked_at"] else f"until {str(one['expires_at'])[:10]}"
        used = f"used {str(one['used_at'])[:16]}" if one["used_at"] else "never used"
        print(
            f"{one['id']:>4}  {one['name']:<30} {', '.join(one['scopes']):<12} {state}, {used}, by {one['owner']}"
        )
