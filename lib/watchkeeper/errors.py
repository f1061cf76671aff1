"""The one error that is meant for the user: a sentence that says what to do next."""

from __future__ import annotations


class UserError(Exception):
    """A stated failure. Its text is one sentence for the user; `exit_code` is what the command ends with."""

    def __init__(self, sentence: str, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
