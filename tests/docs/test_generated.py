"""Generated pages are what the generator makes, and what they promise is so."""

from __future__ import annotations

import pytest

from tests.docs import generate
from tests.docs.options import commands
from tests.docs.promises import EXIT_CODES, JSON_KEYS
from watchkeeper.config.model import options


@pytest.mark.parametrize("name", generate.pages())
def test_generated_pages_are_up_to_date(name: str) -> None:
    """A command or a setting that changes changes its page: python tests/docs/generate.py does it."""
    assert generate.pages()[name] == (generate.DOCS / name).read_text(encoding="utf-8")


def test_check_names_what_is_out_of_date(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With --check nothing is written, and the code tells whether anything should be."""
    fine = generate.main(["--check"])
    monkeypatch.setattr(generate, "pages", lambda: {"commands.md": "another text\n"})
    stale = generate.main(["--check"])

    assert (0, 1) == (fine, stale)
    assert "docs/commands.md is out of date: run python tests/docs/generate.py\n" == capsys.readouterr().out
    assert "another text\n" != (generate.DOCS / "commands.md").read_text(encoding="utf-8")


def test_every_option_of_a_command_is_on_its_page() -> None:
    """No option that people are told of is missing."""
    page = generate.pages()["commands.md"]

    assert [] == [
        spelled
        for command in commands().values()
        for option in command.options
        for spelled in option.opts
        if f"`{spelled}" not in page.partition(f"# {command.name}\n")[2].partition("\n#")[0]
    ]


def test_every_setting_is_on_its_page() -> None:
    """No setting is missing, and each says what it means."""
    page = generate.pages()["configuration.md"]

    assert [] == [name for name, meaning in options().items() if f"| `{name}` |" not in page or meaning not in page]


def test_promises_are_of_commands_that_exist() -> None:
    """Keys and exit codes are promised of commands that are there."""
    assert set() == {*JSON_KEYS, *EXIT_CODES} - commands().keys()
