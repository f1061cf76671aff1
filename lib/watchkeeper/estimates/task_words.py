"""What type of work a phase is, by the words of its title and its steps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .work import DEBUGGING, IMPLEMENTATION, PLANNING, POLISH, REFACTORING, TASK_TYPES, TESTING

if TYPE_CHECKING:
    from collections.abc import Iterable

# How the type is known.
STATED, BY_WORDS, ASSUMED = "stated", "words", "assumed"

_WORDS = {
    PLANNING: """planning design designing spec specification specify research investigate explore analyse
        analyze analysis requirements architecture evaluate evaluation spike proposal decide compare kickoff
        brainstorm scope scoping wireframe wireframes""",
    IMPLEMENTATION: """implement implementation build building create add develop feature features endpoint endpoints
        integrate integration write api server client component components service support foundation scaffold setup
        wire hook hooks schema page form forms""",
    REFACTORING: """refactor refactoring restructure rewrite migrate migration extract rename modernise modernize
        simplify decouple split move upgrade port replace deduplicate reorganise reorganize""",
    TESTING: """test tests testing coverage e2e qa verify verification validate validation benchmark benchmarks
        fixtures""",
    DEBUGGING: """debug debugging fix fixes fixing bug bugs crash crashes diagnose troubleshoot regression leak flaky
        hotfix deadlock""",
    POLISH: """polish polishing docs documentation document readme changelog cleanup lint linting format formatting
        style styling tidy release deploy comments typo typos accessibility""",
}
_TYPE_OF = {word: task_type for task_type, words in _WORDS.items() for word in words.split()}
# Words that name a thing as often as work on it.
_WEAK = frozenset("api server client component components service page form forms schema hook hooks support".split())
_WORD = re.compile(r"[a-z0-9]+")


def task_type_of(title: str, steps: Iterable[str]) -> tuple[str, str]:
    """Return the type of a phase, and how it is known: by its words, or assumed where they tell nothing.

    A title's words count before all steps together.
    """
    for words in (_scores([title]), _scores(steps)):
        if words:
            # Of equals the one that is rarer in plans.
            return max(words, key=lambda each: (words[each], each != IMPLEMENTATION, each)), BY_WORDS
    return IMPLEMENTATION, ASSUMED


def stated_type(text: str) -> str:
    """Return the type that a line names as such: `testing`, `implementation type`; empty where it names none."""
    lowered = text.lower()
    return next((name for name in TASK_TYPES if re.search(rf"\b{name}\b", lowered)), "")


def _scores(texts: Iterable[str]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for text in texts:
        for word in _WORD.findall(text.lower()):
            task_type = _TYPE_OF.get(word)
            if task_type:
                scores[task_type] = scores.get(task_type, 0.0) + (0.5 if word in _WEAK else 1.0)
    return scores
