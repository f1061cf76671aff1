"""Draws the README's pictures from the real terminal: `python tests/realclient/pictures.py` writes docs/*.svg.

The real client runs with Watchkeeper installed and a stand-in for the API, in a made-up user's home.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "lib")]

from rich.console import Console
from rich.style import Style
from rich.text import Text

from tests.realclient.client_install import executable
from tests.realclient.messages import Turn, Usage, bash
from tests.realclient.product import Product
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn
from tests.realclient.terminal import Cell, Terminal
from tests.support.environment import make_user

COLUMNS = 100
QUEUE = (
    ("Connect the user routes", "65k", "4", "high"),
    ("Test reused and stolen tokens", "20k-24k", "1.5", "normal"),
    ("Polish the sign-in pages", "16k-20k", "2", "normal"),
)

TASKS = """name = "tonight"

[[tasks]]
id = "guard"
prompt = "Add the sign-in guard to every route below /users, with tests."
estimated_tokens = 45000
priority = "high"

[[tasks]]
id = "docs"
command = ["make", "docs"]
after = ["guard"]

[[tasks]]
id = "wiki"
prompt = "Move the wiki into docs/, a page at a time."
estimated_tokens = 150000
"""


def main() -> None:
    """Draw them all."""
    # What a hook has left to the background may still write when the folder goes.
    with tempfile.TemporaryDirectory(prefix="wk-", ignore_cleanup_errors=True) as folder, StandIn() as stand_in:
        claude = Claude(executable(), make_user(Path(folder), os.environ), stand_in.url, Path(folder))
        claude.use_oauth_token()
        product = Product(claude)
        # The pictures do not show how busy the machine is that draws them.
        product.install(quota__plan="pro", resources__load_warning_pct="10000")
        stand_in.report_limits(81.5, time.time() + 78 * 60, 4.0, time.time() + 3 * 86400)
        stand_in.script(
            Turn("The parser reads dates now.", usage=Usage(900, 1_200, 9_000, 96_000)),
            Turn("I will run the tests.", (bash("echo 15 passed"),), usage=Usage(500, 700, 4_000, 104_000)),
            Turn("All 15 tests pass.", usage=Usage(400, 300, 2_000, 108_000)),
        )
        with claude.terminal(columns=COLUMNS, lines=28) as terminal:
            terminal.submit("Teach the parser dates")
            terminal.wait_for("5h 81% reported")
            terminal.submit("Run the tests")
            terminal.wait_until(lambda text: text.count(" · done ") == 2, "both turns were over")
            draw(terminal, "An alert, and the status line", ROOT / "docs" / "alert.svg")
            terminal.quit()
        with claude.terminal("--continue", columns=COLUMNS, lines=66) as terminal:
            terminal.submit("/session-status")
            terminal.wait_for("Combined health")
            draw(terminal, "/session-status", ROOT / "docs" / "session-status.svg")
            terminal.quit()
        for name, tokens, hours, priority in QUEUE:
            given = ("--name", name, "--tokens", tokens, "--hours", hours, "--priority", priority)
            product.json("queue", "add", *given)
        with in_terminal(claude, product, 17, "start-next-session", "--hours", "4") as terminal:
            terminal.wait_for("Start which")
            draw(terminal, "watchkeeper start-next-session", ROOT / "docs" / "start-next-session.svg")
        stand_in.report_limits(31.0, time.time() + 200 * 60, 4.0, time.time() + 3 * 86400)
        stand_in.script(Turn("The morning's limits are fresh.", usage=Usage(400, 300, 2_000, 108_000)))
        with claude.terminal("--continue", columns=COLUMNS, lines=28) as terminal:
            terminal.submit("How much is left?")
            terminal.wait_for("5h 31% reported")
            terminal.quit()
        Path(claude.project, "tasks.toml").write_text(TASKS, encoding="utf-8")
        with in_terminal(claude, product, 20, "run", "tasks.toml", "--dry-run") as terminal:
            terminal.wait_for("wiki")
            draw(terminal, "watchkeeper run tasks.toml --dry-run", ROOT / "docs" / "run.svg")


def in_terminal(claude: Claude, product: Product, lines: int, *words: str) -> Terminal:
    """Return a terminal in which Watchkeeper's command runs with these words."""
    command = [str(product.state / "bin" / "watchkeeper"), *words]
    return Terminal(command, {**claude.user.environ, "TERM": "xterm-256color"}, claude.project, COLUMNS, lines)


def draw(terminal: Terminal, title: str, path: Path) -> None:
    """Write what the screen shows as a picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor")
    rows = [_painted(row) for row in terminal.cells]
    while rows and not rows[0].plain.strip():
        rows.pop(0)
    for row in rows:
        console.print(row, no_wrap=True, overflow="crop")
    path.parent.mkdir(exist_ok=True)
    picture = console.export_svg(title=title)
    # The viewer's own fixed-width font serves; none is fetched from anywhere.
    path.write_text(re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL), encoding="utf-8")


def _painted(row: list[Cell]) -> Text:
    text = Text()
    for cell in row:
        text.append(cell.character, Style(color=_colour(cell.colour), bold=cell.bold))
    text.rstrip()
    return text


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    if len(name) == 6 and all(digit in "0123456789abcdef" for digit in name):
        return f"#{name}"
    return {"brown": "yellow"}.get(name, name.replace("bright", "bright_").replace("brown", "yellow"))


if __name__ == "__main__":
    main()
