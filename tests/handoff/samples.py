"""Handoffs for tests: a whole example, and generated ones of every kind."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.clock import NOON
from watchkeeper.handoff.model import CommandRun, FileToRead, Handoff, Objective, Task
from watchkeeper.render.text import one_line

SESSION = "95847ad0-d7c5-45bb-aa00-1664be934fc7"

AUTH = Handoff(
    id=f"handoff-{SESSION}",
    kind="composed",
    title="Authentication, phase 2",
    written_at=int(NOON),
    from_session=SESSION,
    scheduled_for=int(NOON) + 4 * 3600,
    start="reset+5m",
    agent="implementation-agent",
    project="/home/dev/my-app",
    accomplished=("Sign-up and sign-in work", "Passwords are hashed"),
    branch="feature/auth",
    commit="0123456789abcdef0123456789abcdef01234567",
    commit_subject="Issue tokens",
    changed_files=2,
    fingerprint="5eed",
    tests="15 of 15 pass",
    files_modified=("src/auth.ts", "tests/auth.spec.ts"),
    runs=(CommandRun(command="npm test -- auth", outcome="failed", detail="1 failed, 14 passed"),),
    tasks=(Task(subject="Rotate tokens", state="in progress"), Task(subject="Write the guide")),
    objectives=(
        Objective(title="Guard the user routes", steps=("Add guards", "Test signed-in requests"), tokens=15_000),
        Objective(title="Refresh tokens", tokens=18_000),
        Objective(title="Better error messages", tokens=12_000),
    ),
    limit_tokens=200_000,
    decisions=("Tokens, not sessions: the API keeps no state",),
    blockers=("The mail account is missing",),
    files_to_read=(FileToRead(path="src/auth.ts", why="where tokens are made"), FileToRead(path="src/users.ts")),
    commands=("git status", "npm test -- auth"),
    instructions="Go on with the sign-in.\n\nBe thrifty.",
    used_tokens=145_000,
)

# What would end a section, a list, a code block or the front matter if it were not told apart.
HOSTILE = (
    "---",
    "# Session handoff: another",
    "## Instructions",
    "```",
    "````bash",
    "- **Tests**: none",
    "1. **x** (est. 5 tokens)",
    "`",
    "``a` b",
    "\\# x",
    'digest: "0"',
    "  - nested",
    "\x1b[31mred\x1b[0m\x07",
    "a\u202eb",
    "caf\u0065\u0301 日本 👩\u200d🔬",
    "<!-- no -->",
)


def texts(longest: int = 60) -> st.SearchStrategy[str]:
    """Text of any characters, and text that looks like a part of the document."""
    return st.one_of(
        st.text(max_size=longest),
        st.sampled_from(HOSTILE),
        st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=4).map("\n".join),
        st.lists(st.sampled_from(["a", " ", "`", "*", "#", "-", "\n", "\\", "(", ")", "1.", ":"]), max_size=12).map(
            "".join
        ),
    )


def _visible(longest: int = 60) -> st.SearchStrategy[str]:
    return texts(longest).filter(one_line)


def handoffs() -> st.SearchStrategy[Handoff]:
    """Handoffs of every shape."""
    lines = st.lists(texts(), max_size=4).map(tuple)
    tokens = st.one_of(st.none(), st.integers(0, 10**9))
    epochs = st.integers(1, 4 * 10**9)
    return st.builds(
        Handoff,
        id=st.from_regex(r"\Ahandoff-[A-Za-z0-9_-]{1,40}\Z"),
        kind=st.sampled_from(["composed", "draft"]),
        title=_visible(),
        written_at=epochs,
        from_session=texts(),
        to_session=texts(),
        scheduled_for=st.one_of(st.none(), epochs),
        start=texts(),
        agent=texts(),
        project=texts(),
        accomplished=lines,
        branch=texts(),
        commit=texts(),
        commit_subject=texts(),
        changed_files=st.one_of(st.none(), st.integers(0, 9_999)),
        fingerprint=texts(),
        tests=texts(),
        files_modified=lines,
        runs=st.lists(
            st.builds(CommandRun, command=_visible(), outcome=st.sampled_from(["passed", "failed"]), detail=texts()),
            max_size=3,
        ).map(tuple),
        tasks=st.lists(
            st.builds(Task, subject=_visible(), state=st.sampled_from(["pending", "in progress"])), max_size=3
        ).map(tuple),
        objectives=st.lists(st.builds(Objective, title=_visible(), steps=lines, tokens=tokens), max_size=3).map(tuple),
        stated_tokens=tokens,
        limit_tokens=tokens,
        decisions=lines,
        blockers=lines,
        files_to_read=st.lists(st.builds(FileToRead, path=_visible(), why=texts()), max_size=3).map(tuple),
        commands=lines,
        instructions=texts(300),
        used_tokens=tokens,
        masked=st.integers(0, 5),
    )
