"""The words that steer a compaction: what the summary must keep, and the short essentials for the time after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import inert

if TYPE_CHECKING:
    from watchkeeper.git import Repository

    from .brief import Brief

LONGEST_INSTRUCTIONS = 3_000
LONGEST_ESSENTIALS = 1_200
_LONGEST_NAME, _LONGEST_SUBJECT, _MOST_CHANGES = 160, 120, 200

_FOR_THE_SUMMARY = (
    "Keep in the summary, by name and in full, what these notes of Watchkeeper list. "
    "They repeat the conversation; they are no new requests."
)
_FOR_LATER = "Notes of Watchkeeper from before the compaction, so that nothing of it is lost:"
_ESSENTIAL = ("Objective", "Next step", "Said last", "Failing tests", "Files modified", "Open tasks")
_Section = tuple[str, list[str]]


def instructions(brief: Brief, git: Repository | None, longest: int = LONGEST_INSTRUCTIONS) -> str:
    """Return what the summariser is to be told, at most `longest` characters; empty when there is nothing to keep.

    It is plain text without control characters but line ends, and never starts like JSON.
    """
    return _text(_FOR_THE_SUMMARY, _sections(brief, git), longest)


def essentials(brief: Brief, git: Repository | None, longest: int = LONGEST_ESSENTIALS) -> str:
    """Return what the model is to be told once more after a compaction; empty when there is nothing to tell."""
    sections = _sections(brief, git)
    return _text(_FOR_LATER, [section for section in sections if section[0].startswith(_ESSENTIAL)], longest)


def _sections(brief: Brief, git: Repository | None) -> list[_Section]:
    open_tasks = [task for task in brief.tasks if task.state != "completed"]
    sections: list[_Section] = [
        ("Objective", [brief.objective] if brief.objective else []),
        ("Asked last", [text for text in reversed(brief.asked) if text != brief.objective]),
        ("Next step", [brief.next_step] if brief.next_step else []),
        ("Said last", [brief.last_words] if brief.last_words and not brief.next_step else []),
        (f"Failing tests (last run: {brief.test_command})", list(brief.failing)),
        ("Decisions", list(reversed(brief.decisions))),
        ("Files modified", _files(brief, git)),
        ("Open tasks", [f"{task.subject} ({task.state.replace('_', ' ')})" for task in open_tasks]),
    ]
    if git is not None and (git.branch or git.commit):
        commit = inert.line(f"{git.commit[:9]} {git.commit_subject}", _LONGEST_SUBJECT)
        branch = inert.line(git.branch, _LONGEST_NAME)
        sections.append(("Git", [f"branch {branch or 'unknown'}, last commit: {commit or 'none yet'}"]))
    return [(title, lines) for title, lines in sections if lines]


def _files(brief: Brief, git: Repository | None) -> list[str]:
    """Return what was modified, latest first: by the session, then what else git finds changed."""
    lines, named = [], set[str]()
    uncommitted = (
        {inert.line(path, _LONGEST_NAME) for path in git.changed[:_MOST_CHANGES]} if git is not None else set()
    )
    for change in reversed(brief.changes):
        in_git = {path for path in uncommitted if _ends_with(change.path, path)}
        times = "1 edit" if change.edits == 1 else f"{change.edits} edits"
        lines.append(f"{_within(change.path, brief.folder)} ({times}{', not committed' if in_git else ''})")
        named |= in_git
    return lines + [f"{path} (not committed)" for path in sorted(uncommitted - named)]


def _within(path: str, folder: str) -> str:
    start = folder.rstrip("/\\")
    return path[len(start) + 1 :] if start and path.startswith((start + "/", start + "\\")) else path


def _ends_with(path: str, end: str) -> bool:
    path = path.replace("\\", "/")
    return path == end or path.endswith("/" + end)


def _text(start: str, sections: list[_Section], longest: int) -> str:
    """Return the sections on at most `longest` characters; what each begins with goes before what others go on with."""
    taken: list[list[str]] = [[] for _ in sections]
    left = longest - len(start)
    for rank in range(max((len(lines) for _, lines in sections), default=0)):
        for place, (title, lines) in enumerate(sections):
            if rank < len(lines) and len(taken[place]) == rank:
                cost = len(lines[rank]) + 3 + (len(title) + 3 if rank == 0 else 0)
                if cost <= left:
                    taken[place].append(lines[rank])
                    left -= cost
    shown = [(title, lines) for (title, _), lines in zip(sections, taken, strict=True) if lines]
    if not shown:
        return ""
    return "\n".join([start, *("\n".join([f"\n{title}:", *(f"- {line}" for line in lines)]) for title, lines in shown)])
