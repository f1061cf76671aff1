"""Texts for other programs, compared with what they looked like when somebody last looked at them.

WATCHKEEPER_TEST_UPDATE=1 writes the files in tests/golden anew; look at the difference before you keep it.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "golden"


def assert_golden_text(name: str, text: str) -> None:
    """Compare a text with the file of that name."""
    path = FOLDER / name
    if os.environ.get("WATCHKEEPER_TEST_UPDATE"):
        path.write_bytes(text.encode("utf-8"))

    assert path.read_bytes().replace(b"\r\n", b"\n").decode("utf-8") == text
