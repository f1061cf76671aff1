"""What kind of work a stretch was, from what was done in it and from the words that asked for it."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .work import DEBUGGING, IMPLEMENTATION, PLANNING, POLISH, REFACTORING, TASK_TYPES, TESTING

if TYPE_CHECKING:
    from .evidence import Evidence

# Words that name a kind of work, in what a person types.
_WORDS = {
    PLANNING: r"plan(?:ning)?|design|propos\w+|brainstorm|analy[sz]e|investigat\w+|research|explore|architecture|review"
    r"|understand|explain|how (?:does|do|would|could)|what (?:would|are|is)|think (?:about|through)|options|compare"
    r"|look (?:at|into)",
    IMPLEMENTATION: r"implement\w*|add|build|create|support|feature|introduce|write (?:a|the)|new|make|extend|integrate"
    r"|enable",
    REFACTORING: r"refactor\w*|rename|extract|move|simplif\w+|clean ?up|restructur\w+|reorgani[sz]e|dedup\w*"
    r"|consolidat\w+|split|inline|replace|remove|delete|migrate|convert",
    TESTING: r"tests?|testing|coverage|e2e|benchmark\w*",
    DEBUGGING: r"fix\w*|bugs?|errors?|fail\w*|broken|crash\w*|wrong|debug\w*|why|(?:doesn|isn|shouldn|didn|can)['’]?t"
    r"|not (?:seeing|sure|working|correct|right)|issues?|problems?|regression|traceback|exception|still"
    r"|miss(?:ed|ing)?|conflicts?",
    POLISH: r"readme|docs?|documentation|changelog|typo|format\w*|lint\w*|style|wording|polish|tidy|spacing|colou?rs?"
    r"|icon|commit|push|PR|pull request",
}
_PATTERNS = {kind: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for kind, words in _WORDS.items()}
_SCANNED_CHARACTERS, _FIRST_CHARACTERS = 1_200, 80
_FIRST_WORD, _WORD, _MOST_HITS, _MOST_BY_WORDS = 0.9, 0.35, 6, 2.0
_SURE = 0.6


class Verdict(NamedTuple):
    """`certainty` is the share of the best type among all; below 0.6 the type is a guess."""

    task_type: str
    certainty: float

    @property
    def is_sure(self) -> bool:
        """Whether the type is more than a guess."""
        return self.certainty >= _SURE


def classify(evidence: Evidence) -> Verdict:
    """Return what kind of work the evidence speaks for."""
    by_tools, by_words = tool_scores(evidence), word_scores(evidence.words)
    total = {kind: by_tools[kind] + by_words[kind] for kind in TASK_TYPES}
    return _verdict(total)


def by_tools_alone(evidence: Evidence) -> Verdict:
    """Return what the tools speak for, whatever was asked."""
    return _verdict(tool_scores(evidence))


def by_words_alone(words: str) -> Verdict | None:
    """Return what the words speak for, whatever was done; None when they say nothing."""
    scores = word_scores(words)
    return _verdict(scores) if any(scores.values()) else None


def tool_scores(evidence: Evidence) -> dict[str, float]:
    """Return how much what was done speaks for each type, as log odds."""
    edits = evidence.edits
    written = sum(edits.values())
    calls = max(1, evidence.calls)
    scores = dict.fromkeys(TASK_TYPES, 0.0)
    if not written:
        scores[PLANNING] += 2.0 if evidence.reads + evidence.agents + evidence.plans else 0.5
        scores[DEBUGGING] += 1.5 * (evidence.checks > 0) * (evidence.failures > 0) + 0.5 * (evidence.failures > 1)
        scores[TESTING] += 1.5 * (evidence.checks > 0)
        scores[PLANNING] += 1.0 * (evidence.plans > 0)
        scores[POLISH] += 0.5 * (evidence.styling > 0) + 2.0 * (evidence.commits > 0 and not evidence.reads)
        return scores
    code, tests, text, plan = (edits[kind] / written for kind in ("code", "tests", "text", "plan"))
    scores[PLANNING] += 3.0 * plan + 0.8 * (evidence.plans > 0) * (code + tests < 0.3)
    scores[TESTING] += 3.0 * tests - 1.0 * (code > 0.5) + 0.3 * (evidence.checks > 2)
    scores[POLISH] += 2.6 * text + 0.4 * (evidence.styling > evidence.checks / 2) - 0.6 * (written > 25)
    scores[IMPLEMENTATION] += 1.6 * code + 0.5 * (evidence.files_made > 0) + 0.4 * _growth(evidence) * code
    scores[REFACTORING] += (
        0.6 * code - 0.9 * _growth(evidence) * code + 0.5 * (evidence.files > 5 and not evidence.files_made)
    )
    scores[DEBUGGING] += (
        min(1.0, evidence.failed_checks / 3.0)
        + 0.6 * (written <= 4) * code
        + 0.5 * min(2.0, (evidence.reads + evidence.shells) / (4.0 * written))
        - 0.6 * (evidence.files_made > 2)
        + 0.1 * math.log(calls)
    )
    return scores


def word_scores(words: str) -> dict[str, float]:
    """Return how much the words of a request speak for each type, as log odds; the first words count most."""
    return dict(_word_scores(words.strip()[:_SCANNED_CHARACTERS]))


# The same words are looked at again each time that a stretch grows.
@lru_cache(maxsize=64)
def _word_scores(text: str) -> tuple[tuple[str, float], ...]:
    scores = []
    for kind, pattern in _PATTERNS.items():
        starts = [match.start() for match in pattern.finditer(text)][:_MOST_HITS]
        scores.append(
            (kind, min(_MOST_BY_WORDS, sum(_FIRST_WORD if at < _FIRST_CHARACTERS else _WORD for at in starts)))
        )
    return tuple(scores)


def _growth(evidence: Evidence) -> float:
    """Return how far what was written grew: -1 all removed, 1 all added."""
    added, removed = evidence.lines_added, evidence.lines_removed
    return (added - removed) / (added + removed) if added + removed else 0.0


def _verdict(scores: dict[str, float]) -> Verdict:
    best = max(TASK_TYPES, key=lambda kind: scores[kind])
    total = sum(math.exp(score - scores[best]) for score in scores.values())
    return Verdict(best, 1.0 / total)
