"""`watchkeeper export`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from watchkeeper import command
from watchkeeper.catchup import catch_up
from watchkeeper.errors import UserError
from watchkeeper.export import pieces

app = command.CommandApp()


@app.command()
def export(
    ctx: typer.Context,
    output: Annotated[str | None, typer.Option("--output", metavar="FILE", help="Write to FILE instead.")] = None,
) -> None:
    """Write what is stored as JSON: usage, sessions, limits, alerts told.

    It holds no text of a conversation, no key and no password.
    """
    run = command.open_app(ctx)
    catch_up(run)
    if output is None:
        for piece in pieces(run):
            run.surroundings.stdout.write(piece)
        return
    aside = f"{output}.{os.getpid()}.new"
    try:
        # Projects and times of work are nobody else's business.
        descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(pieces(run))
        os.replace(aside, output)
    except OSError as error:
        raise UserError(f"{output} cannot be written ({error.strerror}): name another file with --output.") from error
    finally:
        if os.path.exists(aside):
            os.unlink(aside)
    run.show("exported", {"path": os.path.abspath(output), "size_bytes": os.path.getsize(output)})
