"""A plan is understood: its phases with hours, types, libraries and steps, its risks, and what is odd in it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.estimates import plans
from tests.transcripts.samples import SHARED
from watchkeeper.errors import UserError
from watchkeeper.estimates import plan_block, plan_file
from watchkeeper.estimates.figures import Span
from watchkeeper.estimates.work import DEBUGGING, IMPLEMENTATION, PLANNING, POLISH, REFACTORING, TESTING


def test_a_plan_that_reckons() -> None:
    """Phases with ranges, formulas, libraries and boxes are read as they stand."""
    plan = plans.read(plans.RECKONED)

    queue, tests = plan.phases
    assert ("Auction backend", Span(50_000, 70_000), Span(3, 4), "medium") == plan[1:2] + plan[3:6]
    assert ("Bid queue", 9, Span(1, 1.5), IMPLEMENTATION, "stated") == (
        queue.name, queue.line, queue.hours, queue.task_type, queue.type_source,
    )  # fmt: skip
    assert (Span(20_000, 26_000), ("BullMQ",), ("Node.js",), {"nodejs": "familiar"}) == (
        queue.stated_tokens, queue.libraries, queue.stack, queue.claims,
    )  # fmt: skip
    assert (2, 1, False) == (queue.tasks, queue.tasks_done, queue.is_done)
    assert (TESTING, "words", ("unit tests", "load test")) == (tests.task_type, tests.type_source, tests.steps)
    assert [
        ("Queue back pressure", Span(5_000, 8_000), "Begin with a small buffer", 0),
        ("Flaky timers", None, "Fake the clock", None),
    ] == [risk[:4] for risk in plan.risks]


def test_a_plan_that_contradicts_itself_is_told_so() -> None:
    """A product that makes something else, and totals that are not the sums, are remarked."""
    formula, tokens, hours = plans.read(plans.RECKONED).remarks

    assert "Line 14" in formula
    assert "by its own product that is 50,625" in formula
    assert "its phases make 45,000 to 64,000" in tokens
    assert "The plan's total is 3 to 4 hours; its phases make 3 to 3.5." == hours


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            plans.HEADINGS,
            [
                ("Research the interface", Span(0.75, 0.75), "plan", PLANNING, True),
                ("Write the client", Span(3.75, 3.75), "shared", IMPLEMENTATION, False),
                ("Tests", Span(1.5, 1.5), "plan", TESTING, False),
            ],
            id="headings, what is left of the hours shared out",
        ),
        pytest.param(
            plans.NUMBERED_LIST,
            [
                ("Design the schema", Span(0.5, 0.5), "plan", PLANNING, False),
                ("Build the API", Span(2, 2), "plan", IMPLEMENTATION, False),
                ("Fix flaky tests", Span(1, 1), "plan", DEBUGGING, False),
            ],
            id="numbered list",
        ),
        pytest.param(
            plans.CHECKLIST,
            [
                ("a", None, "", IMPLEMENTATION, False),
                ("b", None, "", IMPLEMENTATION, False),
                ("c", None, "", IMPLEMENTATION, True),
            ],
            id="checklist without hours",
        ),
        pytest.param(
            plans.TABLE,
            [
                ("Refactor the parser", Span(2, 2), "plan", REFACTORING, False),
                ("Docs", Span(0.5, 1), "plan", POLISH, False),
            ],
            id="table without its total",
        ),
        pytest.param(plans.PROSE, [("plan", None, "", IMPLEMENTATION, False)], id="prose is one phase"),
        pytest.param("## [x] Phase 1: A\n\n## Phase 2: B\n", [
            ("A", None, "", IMPLEMENTATION, True), ("B", None, "", IMPLEMENTATION, False),
        ], id="boxes in headings"),
        pytest.param("- [ ] a\n- [ ] \n", [("a", None, "", IMPLEMENTATION, False)], id="a box with nothing behind it"),
    ],
)  # fmt: skip
def test_ordinary_plans(text: str, expected: list[tuple[object, ...]]) -> None:
    """Headings, lists, tables and checklists are phases, whichever a plan has."""
    found = plans.read(text).phases

    assert expected == [
        (phase.name, phase.hours, phase.hours_source, phase.task_type, phase.is_done) for phase in found
    ]


def test_libraries_and_title() -> None:
    """What is installed or named counts as a library; the front matter may give the title."""
    plan = plans.read(plans.HEADINGS)

    assert "Move billing" == plan.title
    assert [(), ("Stripe", "Zod"), ("Vitest",)] == [phase.libraries for phase in plan.phases]


def test_what_was_understood_can_be_corrected() -> None:
    """Labels in a phase win over words and guesses."""
    plan = plans.read(
        "# P\n\n## Phase 1: Build it (3h)\n\n**Type**: debugging\n**Libraries**: Foo-Bar, baz\n**Stack**: new\n"
        "**Code quality**: legacy\n**Tokens**: 10k-20k\n**Risk**: it may rain (+5k tokens)\n**Status**: done\n"
    )

    (phase,) = plan.phases
    assert (DEBUGGING, "stated", "new", "legacy", Span(10_000, 20_000), True) == (
        phase.task_type, phase.type_source, phase.familiarity, phase.quality, phase.stated_tokens, phase.is_done,
    )  # fmt: skip
    assert {"Foo-Bar", "baz"} <= set(phase.libraries)
    assert [(Span(5_000, 5_000), 0)] == [(risk.tokens, risk.phase) for risk in plan.risks]


def test_our_own_block_is_not_read() -> None:
    """The estimate that was written into a plan is no part of it, and moves no line."""
    data = plans.RECKONED.encode()
    block = b"### Phase 9: Ours (9h)\n\n| Phase | Hours |\n| - | - |\n| x | 3 |"
    with_block = plan_block.with_block(data, block.decode())

    assert plan_file.parse(data, "/p.md") == plan_file.parse(with_block, "/p.md")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("gone.md", None, "There is no file"),
        ("empty.md", b"", "is empty"),
        ("blank.md", b" \n\n", "is empty"),
        ("binary.md", b"\x00\x01", "is no text"),
        ("huge.md", b"x" * (plan_file.MOST_BYTES + 1), "split it"),
        ("many.md", "".join(f"## Phase {n}: x (1h)\n\n" for n in range(300)).encode(), "has 300 phases"),
    ],
)
def test_what_is_no_plan(tmp_path: Path, name: str, content: bytes | None, sentence: str) -> None:
    """A file that cannot be a plan is refused in a sentence."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(UserError, match=sentence):
        plan_file.read(str(path))


def test_a_folder_and_a_pipe_are_no_plans(tmp_path: Path) -> None:
    """Only a regular file is read; nothing waits for a pipe's other end."""
    with pytest.raises(UserError, match="is no file"):
        plan_file.read(str(tmp_path))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.md")
        with pytest.raises(UserError, match="is no file"):
            plan_file.read(str(tmp_path / "pipe.md"))


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("plan.md", "/home/ada/parser/plan.md"),
        ("../other/plan.md", "/home/ada/other/plan.md"),
        ("/abs/plan.md", "/abs/plan.md"),
        ("~/plan.md", "/home/ada/plan.md"),
        ("@docs/plan.md", "/home/ada/parser/docs/plan.md"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="paths of another system")
def test_where_a_plan_is(named: str, expected: str) -> None:
    """A plan is named from the session's folder, from home, or as the client names files."""
    assert expected == plan_file.resolve(named, "/home/ada/parser", {"HOME": "/home/ada"})


@given(st.text())
def test_any_markdown_is_a_plan_or_refused(text: str) -> None:
    """Whatever a file holds, it is a plan with phases, or a sentence says why not."""
    try:
        plan = plan_file.parse(text.encode("utf-8", "surrogatepass"), "/plan.md")
    except UserError:
        return

    assert plan.phases
    assert all(phase.name.isprintable() for phase in plan.phases)


@pytest.mark.parametrize("ending", ["\r\n", "\r"], ids=["windows", "old mac"])
def test_line_endings_do_not_matter(ending: str) -> None:
    """A plan reads the same whatever its lines end with."""
    other = plan_file.parse(plans.RECKONED.replace("\n", ending).encode(), "/plans/plan.md")

    assert plans.read(plans.RECKONED) == other


_SPECIFICATION = next(iter(sorted((SHARED / "seeds").glob("003_*"))), None)


@pytest.mark.skipif(_SPECIFICATION is None, reason="../shared/seeds is not there")
def test_the_specified_example() -> None:
    """The example plan of the specification: four phases, hours, types, libraries and risks, and what is odd in it."""
    assert _SPECIFICATION is not None
    found = re.search(
        r"# Session 3: Real-Time Dashboard.*?(?=### C\. )", _SPECIFICATION.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found is not None

    plan = plans.read(found[0])

    assert [
        ("WebSocket Server", 1.25, ("Socket.IO",), Span(25_000, 32_000)),
        ("Dashboard Foundation", 1.75, (), Span(30_000, 40_000)),
        ("Visualization", 1.75, ("Recharts",), Span(25_000, 38_000)),
        ("Historical Sessions", 1.0, (), Span(15_000, 20_000)),
    ] == [
        (each.name, each.hours.mid if each.hours else None, each.libraries, each.stated_tokens) for each in plan.phases
    ]
    assert [IMPLEMENTATION] * 4 == [each.task_type for each in plan.phases]
    assert [(10_000, 15_000), (5_000, 10_000), (5_000, 8_000)] == [tuple(risk.tokens or ()) for risk in plan.risks]
    assert ["50,625", "86,625", "94,500", "40,500"] == re.findall(r"that is ([\d,]+) tokens", " ".join(plan.remarks))
    assert any("its phases make 95,000 to 130,000" in remark for remark in plan.remarks)


@pytest.mark.parametrize(
    "risks", ["1. Rain (2h)\n", "### Risk 1: rain (2h)\n", "| Task | Hours |\n|--|--|\n| Rain | 2 |\n"]
)
def test_risks_are_no_phases(risks: str) -> None:
    """What could go wrong is not something to do, however it is written."""
    plan = plans.read(f"# P\n\n## Build (1h)\n\n## Test (2h)\n\n## Risks\n\n{risks}")

    assert ["Build", "Test"] == [phase.name for phase in plan.phases]
