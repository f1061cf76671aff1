"""Writes the generated pages: `python tests/docs/generate.py` puts them into docs/, with --check it only compares."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "lib")]

from tests.docs import command_page, configuration_page

DOCS = ROOT / "docs"


def pages() -> dict[str, str]:
    """Return the text of each generated page by its file name in docs/."""
    return {"commands.md": command_page.page(), "configuration.md": configuration_page.page()}


def main(argv: list[str]) -> int:
    """Write the pages, or with --check name those that are out of date; return 1 if there are any."""
    stale = [name for name, text in pages().items() if _read(DOCS / name) != text]
    if "--check" in argv:
        for name in stale:
            print(f"docs/{name} is out of date: run python tests/docs/generate.py")
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).write_text(pages()[name], encoding="utf-8")
        print(f"docs/{name} written")
    return 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
