"""The questions that a person answers in a terminal, one by one, in place of the JSON that Claude writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import typer

from watchkeeper.core import words
from watchkeeper.errors import UserError
from watchkeeper.render.columns import clean

from . import said, start_time

if TYPE_CHECKING:
    from typing import TextIO

    from .facts import Facts

MOST_LINES = 20
_TOKENS = re.compile(r"(.*?)\s*\((~?[\d.,_]+\s*[km]?(?:\s*tokens?)?)\)", re.IGNORECASE)
_NONE = ("", "no", "none", "nothing", "-")


class Asker(NamedTuple):
    """Asks on one stream and reads answers from another."""

    stdin: TextIO
    stdout: TextIO

    def ask(self, question: str, default: str = "") -> str:
        """Return an answer, `default` for an empty one. Raise typer.Abort when there is nobody any more."""
        shown = f" [{clean(default)}]" if default else ""
        self.say(f"{question}{shown}\n> ", end="")
        line = self.stdin.readline()
        if not line:
            raise typer.Abort
        return line.strip() or default

    def ask_lines(self, question: str) -> list[str]:
        """Return answers until an empty one."""
        self.say(f"{question} (an empty line ends it)")
        found: list[str] = []
        while len(found) < MOST_LINES:
            self.say(f"{len(found) + 1}> ", end="")
            line = self.stdin.readline()
            if not line:
                raise typer.Abort
            if not line.strip():
                break
            found.append(line.strip())
        return found

    def say(self, text: str, end: str = "\n") -> None:
        """Show a line."""
        print(text, end=end, file=self.stdout, flush=True)


def ask_all(asker: Asker, facts: Facts, now: float) -> said.Said:
    """Return what a person says of the session, start time excepted; what is known already is shown first."""
    asker.say("Let us prepare the next session.\n")
    for line in _known(facts):
        asker.say(clean(line))
    accomplished = asker.ask_lines("\nWhat was accomplished in this session?")
    tests = asker.ask("\nHow do the tests stand?", facts.tests)
    objectives: list[str] = []
    while not objectives:
        objectives = asker.ask_lines("\nWhat shall the next session do? Tokens may follow: Refresh tokens (18k)")
    middle = f"{facts.history.middle_tokens:,}" if facts.history else ""
    stated = _sum_of(objectives)
    tokens = "" if stated else asker.ask("\nHow many tokens will that take?", middle)
    decisions = asker.ask_lines("\nWhich decisions and what context should it know?")
    blockers = [line for line in asker.ask_lines("\nDoes anything stand in the way?") if line.lower() not in _NONE]
    return _said(accomplished, tests, objectives, tokens, decisions, blockers)


def ask_start(asker: Asker, facts: Facts, now: float) -> start_time.Start:
    """Return when the next session shall start."""
    asker.say("\nWhen shall the next session start?")
    if facts.resets_at is not None:
        left = words.duration(facts.resets_at - now)
        asker.say(f"The quota resets at {words.clock_time(facts.resets_at, now)} (in {left}).")
    offered = start_time.choices(facts.resets_at)
    for number, choice in enumerate(offered, 1):
        time = "" if choice["at"] is None else f" ({words.clock_time(choice['at'], now)})"
        asker.say(f"{number}. {choice['words']}{time}{', recommended' if choice['recommended'] else ''}")
    best = next(str(number) for number, choice in enumerate(offered, 1) if choice["recommended"])
    while True:
        answer = asker.ask("Choice:", best)
        number = int(answer) if answer.isdecimal() and len(answer) < 3 else 0
        option = offered[number - 1]["option"] if 1 <= number <= len(offered) else answer
        if option == "TIME":
            option = asker.ask("At what time? For example 18:05, tomorrow 9:00")
        try:
            return start_time.parse_start(option, facts.resets_at, now)
        except UserError as error:
            asker.say(clean(str(error)))


def _known(facts: Facts) -> list[str]:
    repository = facts.repository
    lines = []
    if repository is not None:
        changed = f"{len(repository.changed)} not committed" if repository.changed else "all committed"
        lines.append(f"Branch {repository.branch or 'detached'}, {changed}; last commit: {repository.commit_subject}")
    if facts.used_tokens is not None:
        lines.append(f"This session used {facts.used_tokens:,} tokens.")
    lines += [f"Open task: {task.subject}" for task in facts.tasks]
    return lines


def _sum_of(objectives: list[str]) -> bool:
    return all(_TOKENS.fullmatch(line) for line in objectives)


def _said(
    accomplished: list[str], tests: str, objectives: list[str], tokens: str, decisions: list[str], blockers: list[str]
) -> said.Said:
    told: list[dict[str, object]] = []
    for line in objectives:
        match = _TOKENS.fullmatch(line)
        told.append({"title": match[1], "tokens": match[2]} if match else {"title": line})
    answers = {
        "accomplished": accomplished,
        "tests": tests,
        "objectives": told,
        "estimated_tokens": tokens or None,
        "decisions": decisions,
        "blockers": blockers,
    }
    return said.checked(answers)
