"""What git says of the folder a session works in."""

from __future__ import annotations

from typing import NamedTuple

from watchkeeper.adapters.run import ProgramFailed, run

from . import inert

_TIMEOUT_S = 2.0
_MOST_BYTES = 200_000
_MOST_CHANGES = 200
_LONGEST_PATH = 160
# Nothing that a repository brings along may run, and no lock may be taken that the user's own git waits for.
_SAFE = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")


class GitFacts(NamedTuple):
    """The branch, the commit it stands at and the files that differ from it, each on one line."""

    branch: str
    commit: str
    """Its short id and subject; empty before the first one."""
    changed: tuple[str, ...]


def read(folder: str) -> GitFacts | None:
    """Return what git says of a folder; None where there is no repository, no git, or no answer in time."""
    try:
        status = run(
            [*_SAFE, "status", "--porcelain=v1", "--branch", "-z"],
            timeout_s=_TIMEOUT_S,
            folder=folder,
            most_output_bytes=_MOST_BYTES,
        )
        log = run(
            [*_SAFE, "log", "-1", "--no-show-signature", "--format=%h %s"],
            timeout_s=_TIMEOUT_S,
            folder=folder,
            accepted_codes=(0, 128),
        )
    except ProgramFailed:
        return None
    return facts(status.stdout, log.stdout if log.code == 0 else "")


def facts(status: str, commit: str) -> GitFacts:
    """Return what the two answers say: `status` of `--porcelain=v1 --branch -z`, `commit` of `log --format`."""
    entries = status.split("\0")
    branch = entries[0].removeprefix("## ").partition("...")[0] if entries[0].startswith("## ") else ""
    changed: list[str] = []
    rest = iter(entries[1:] if branch else entries)
    for entry in rest:
        if len(entry) > 3 and len(changed) < _MOST_CHANGES:
            changed.append(inert.line(entry[3:], _LONGEST_PATH))
        if entry[:1] in ("R", "C"):
            # Followed by the name it had before.
            next(rest, None)
    return GitFacts(
        inert.line(branch.removeprefix("No commits yet on "), _LONGEST_PATH), inert.line(commit, 120), tuple(changed)
    )
