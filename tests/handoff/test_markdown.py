from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.handoff.samples import AUTH, HOSTILE, handoffs
from watchkeeper.handoff import document, markdown
from watchkeeper.handoff.model import Handoff, Objective

EXPECTED = """\
# Session handoff: Authentication, phase 2

<!-- The sections may be edited. Times, agent and project are set between the dashes above. -->

- **From session**: 95847ad0-d7c5-45bb-aa00-1664be934fc7
- **To session**: the next one
- **Scheduled for**: 2026-11-20 16:00:00 +0000
- **Agent**: implementation-agent
- **Project**: /home/dev/my-app

## What was accomplished

- Sign-up and sign-in work
- Passwords are hashed

## Current state

- **Branch**: feature/auth
- **Last commit**: 012345678 Issue tokens
- **Not committed**: 2 files
- **Tests**: 15 of 15 pass
- **Files modified**:
  - src/auth.ts
  - tests/auth.spec.ts

## Commands and their results

- failed: `npm test -- auth`: 1 failed, 14 passed

## Open tasks

- in progress: Rotate tokens
- pending: Write the guide

## Next session objectives

1. **Guard the user routes** (est. 15,000 tokens)
   - Add guards
   - Test signed-in requests
2. **Refresh tokens** (est. 18,000 tokens)
3. **Better error messages** (est. 12,000 tokens)

**Total estimate**: 45,000 tokens (22% of the quota)

## Key decisions and context

- Tokens, not sessions: the API keeps no state

## Blockers and notes

- The mail account is missing

## Files to read first

1. `src/auth.ts` (where tokens are made)
2. `src/users.ts`

## Commands to run on start

```bash
git status
npm test -- auth
```

## Instructions

Go on with the sign-in.

Be thrifty.
"""


def test_a_handoff_has_every_section() -> None:
    """Every section that was promised is there, with the estimate's sum as a share of the quota."""
    assert EXPECTED == markdown.render(AUTH).partition("---\n\n")[2]


@given(handoffs())
def test_what_is_written_is_read_back(handoff: Handoff) -> None:
    """A handoff survives the way to Markdown and back, whatever its texts look like."""
    text = markdown.render(handoff)

    assert handoff == markdown.parse(text)
    assert not document.is_edited(text)


@given(handoffs())
def test_nothing_in_a_file_is_obeyed_by_a_terminal(handoff: Handoff) -> None:
    """A handoff's Markdown has line ends and printable characters, and joiners inside them, only."""
    left = markdown.render(handoff).translate(dict.fromkeys(map(ord, "\n\u200c\u200d")))

    assert left.isprintable()


@pytest.mark.parametrize("part", HOSTILE)
def test_texts_of_100_kb_are_read_back(part: str) -> None:
    """Long texts come back whole."""
    long = (part + " words and more words\n") * (100_000 // (len(part) + 22))
    handoff = AUTH.model_copy(update={"instructions": "", "decisions": ()})
    handoff = Handoff(
        **{**handoff.model_dump(), "instructions": long, "decisions": (long,), "title": long, "commands": (long,)}
    )

    assert 99_000 < len(long)
    assert handoff == markdown.parse(markdown.render(handoff))


@given(st.text())
def test_any_text_can_be_taken_apart(text: str) -> None:
    """A file that is no handoff is a ValueError, never anything else."""
    try:
        markdown.parse(text)
    except ValueError:
        return


def test_edits_by_hand_count() -> None:
    """Sections that a person edited are read as they stand, with lists as people write them."""
    text = markdown.render(AUTH)
    text = text.replace("1. **Guard the user routes** (est. 15,000 tokens)", "* Guard all routes (20k tokens)")
    text = text.replace(
        "- The mail account is missing", "- The mail account is missing,\n  ask the owner\n- A second one"
    )
    text = text.replace("```bash\n", "").replace("```\n", "")

    edited = markdown.parse(text)

    assert document.is_edited(text)
    assert (
        Objective(title="Guard all routes", steps=("Add guards", "Test signed-in requests"), tokens=20_000)
        == (edited.objectives[0])
    )
    assert 50_000 == edited.estimated_tokens
    assert ("The mail account is missing, ask the owner", "A second one") == edited.blockers
    assert ("git status", "npm test -- auth") == edited.commands


def test_a_field_that_nests_too_deeply_is_text() -> None:
    """One damaged file is still listed, and keeps no other from being listed."""
    parts = document.split(f"---\nbranch: {'[' * 100_000}\n---\n# Session handoff: Auth\n")

    assert ("Auth", "[" * 100_000) == (parts.title, parts.text("branch"))


def test_tokens_beyond_all_numbers_are_none() -> None:
    """An estimate of hundreds of digits, written by hand, is no estimate."""
    written = markdown.render(AUTH).replace("(est. 15,000 tokens)", f"(est. {'9' * 400} tokens)")

    assert None is markdown.parse(written).objectives[0].tokens


def test_windows_line_ends_are_no_edit() -> None:
    """A version control system that changes line ends does not make a handoff an edited one."""
    text = markdown.render(AUTH).replace("\n", "\r\n")

    assert AUTH == markdown.parse(text)
    assert not document.is_edited(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", "`a`"), ("a`b", "``a`b``"), ("`a`", "`` `a` ``"), ("``", "``` `` ```")],
    ids=["plain", "inside", "around", "only"],
)
def test_inline_code_holds_backticks(text: str, expected: str) -> None:
    """Inline code is fenced by more backticks than it holds."""
    assert expected == markdown.code(text)
    assert (text, "") == markdown.split_code(expected)


def test_front_matter_is_readable_by_others() -> None:
    """The lines between the dashes are names with JSON values, times in ISO 8601."""
    fields, _ = document.front_and_body(markdown.render(AUTH))

    assert "handoff 1" == fields["watchkeeper"]
    assert "2026-11-20T16:00:00+00:00" == fields["scheduled_for"]
    assert "/home/dev/my-app" == fields["project"]
