"""Whether the limits would let a booked session start now: READY or WAITING, with the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from watchkeeper.catchup import catch_up
from watchkeeper.core.account import account_of_session
from watchkeeper.errors import UserError
from watchkeeper.handoff.said import SaidTokens
from watchkeeper.readings.session import find_session

from . import facts, quota_facts

if TYPE_CHECKING:
    from watchkeeper.app import App

READY, WAITING = "READY", "WAITING"


def view(app: App, tokens: str) -> dict[str, Any]:
    """Return what `automation check-quota` shows, for the account of the calling session or the newest one here."""
    estimated = tokens_of(tokens)
    catch_up(app)
    account = account_of_session(app.ledger, find_session(app, None), app.paths, app.environ)
    standing = quota_facts.standing_of(app.ledger, app.settings, account, app.now)
    need = quota_facts.Need(
        float(app.settings["automation"]["ready_free_pct"]),
        float(app.settings["quota"]["levels"]["emergency"]),
        estimated,
        None,
    )
    found = quota_facts.quota_facts(standing, need, app.now)
    verdict = facts.decide(found, even_if_unknown=False)
    is_ready = verdict.action == facts.START
    return {
        "now_at": app.now,
        "ready": is_ready,
        "word": READY if is_ready else WAITING,
        "preflight": [each._asdict() for each in found],
        "reset_at": quota_facts.known_reset_at(standing, app.now),
    }


def tokens_of(text: str) -> int | None:
    """Return the number of tokens that was typed, None for an empty text. Raise UserError when it is none."""
    if not text.strip():
        return None
    try:
        tokens: int | None = TypeAdapter(SaidTokens).validate_python(text)
    except ValidationError:
        raise UserError(f"{text!r} is no number of tokens: write it like 45000 or 45k.", 2) from None
    return tokens
