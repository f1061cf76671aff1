"""`watchkeeper mcp`: the MCP server on standard input and output."""

from __future__ import annotations

import typer

from watchkeeper import command
from watchkeeper.errors import UserError

app = command.CommandApp()


@app.command()
def mcp(ctx: typer.Context) -> None:
    """Answer a model's questions about tokens, context and the queue; `install.py --mcp` registers it.

    It speaks JSON whatever the options say, and ends when its client does.
    """
    run = command.open_app(ctx)
    try:
        from watchkeeper.monitor.mcp_server import serve
    except ImportError as error:
        raise UserError(f"The MCP server's packages are not there ({error.name}): run `install.py --mcp`.") from None
    serve(run.surroundings, run.paths.config)
