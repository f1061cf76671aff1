"""A plan's estimate: sums that are sums, what it leans on, whether it fits, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.commands.scene import SESSION
from tests.estimates import plans
from tests.estimates.planned_work import PlannedWork
from watchkeeper.estimates import planned, session_estimate
from watchkeeper.estimates.learned import NOTHING

TOKENS = ("low_tokens", "mid_tokens", "high_tokens")
# A plan of phases as people write them.
PHASES = st.lists(
    st.tuples(
        st.sampled_from(["Build it", "Tests", "Fix the crash", "Docs", "Design", "Refactor", "Etwas"]),
        st.one_of(st.none(), st.floats(0.1, 30.0)),
        st.one_of(st.none(), st.tuples(st.integers(1, 400), st.integers(1, 400))),
        st.sampled_from(["", "use Recharts", "learning Next.js", "legacy code"]),
    ),
    min_size=1,
    max_size=12,
)


def estimate(work: PlannedWork, text: str, *options: str) -> dict[str, Any]:
    work.plan.write_text(text, encoding="utf-8")
    return work.json("estimate-session", "plan.md", *options)


def test_promised_keys(work: PlannedWork) -> None:
    """Scripts find the total, the phases and whether it fits."""
    view = estimate(work, plans.RECKONED)

    assert {*TOKENS, "coverage"} <= view["total"].keys()
    assert all({"name", "type", "hours", *TOKENS, "confidence"} <= phase.keys() for phase in view["phases"])
    assert view["fits_quota"] is None
    assert "unknown" == view["quota"]["source"]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PHASES)
def test_totals_are_sums(work: PlannedWork, phases: list[Any]) -> None:
    """Whatever a plan has, the total is the sum of its phases to the token, and each range is in order."""
    lines = ["# Plan"]
    for number, (name, hours, tokens, note) in enumerate(phases, 1):
        lines.append(f"## Phase {number}: {name}" + ("" if hours is None else f" ({hours:.2f}h)"))
        if tokens is not None:
            lines.append(f"**Tokens**: {min(tokens)}k - {max(tokens)}k")
        lines.append(f"- {note}")
    work.plan.write_text("\n\n".join(lines), encoding="utf-8")
    app = work.scene.app()
    from watchkeeper.estimates import plan_file

    view = session_estimate.view(app, session_estimate.estimate_plan(app, plan_file.read(str(work.plan)), NOTHING))

    assert len(phases) == len(view["phases"])
    for name in TOKENS:
        assert view["total"][name] == sum(phase[name] for phase in view["phases"])
    assert all(0 < phase["low_tokens"] <= phase["mid_tokens"] <= phase["high_tokens"] for phase in view["phases"])
    assert 0.79 <= view["total"]["coverage"] <= 1.0


def test_a_plans_own_range_is_evidence(work: PlannedWork) -> None:
    """What the plan itself says pulls the estimate towards it and narrows it; it does not replace it."""
    said = estimate(work, "# P\n\n## Phase 1: Build (2h)\n\n**Tokens**: 10k - 12k\n")["phases"][0]
    silent = estimate(work, "# P\n\n## Phase 1: Build (2h)\n")["phases"][0]

    assert 11_000 < said["mid_tokens"] < silent["mid_tokens"]
    assert said["high_tokens"] / said["low_tokens"] < silent["high_tokens"] / silent["low_tokens"]


def test_done_phases_are_left_out(work: PlannedWork) -> None:
    """What is ticked is named and not estimated; a plan that is done has nothing left to save."""
    view = estimate(work, plans.HEADINGS)
    assert ["Research the interface"] == view["plan"]["done"]
    assert ["Write the client", "Tests"] == [phase["name"] for phase in view["phases"]]

    work.plan.write_text(plans.HEADINGS.replace("- [ ]", "- [x]"), encoding="utf-8")
    assert "nothing left to estimate" in work.run("estimate-session", "plan.md").out
    assert "nothing left to save" in work.run("estimate-session", "plan.md", "--save").err


def test_a_library_is_new_once(work: PlannedWork) -> None:
    """The first phase that needs a library pays for it; one that the project has already costs nothing."""
    text = "# P\n\n## Phase 1: Recharts (1h)\n\n## Phase 2: More Recharts (1h)\n"
    assert [["Recharts"], []] == [phase["new_libraries"] for phase in estimate(work, text)["phases"]]

    (work.project / "package.json").write_text('{"dependencies": {"recharts": "2"}}', encoding="utf-8")
    assert [[], []] == [phase["new_libraries"] for phase in estimate(work, text)["phases"]]


@pytest.mark.parametrize(("sessions", "word"), [(0, None), (2, "learning"), (6, "familiar")])
def test_a_project_becomes_familiar(work: PlannedWork, sessions: int, word: str | None) -> None:
    """How many sessions there were in a project says how well its stack is known; none say nothing."""
    for number in range(sessions):
        work.scene.session(f"earlier-{number}", began_min=5000.0 + number)
        work.scene.response(4990.0 + number, session_id=f"earlier-{number}", tokens=(1, 1, 1, 1))

    assert word == estimate(work, plans.PROSE)["phases"][0]["familiarity"]


def test_a_foreign_stack_is_not_familiar_by_the_project(work: PlannedWork) -> None:
    """Many sessions make what the project uses familiar, and nothing that is new to it."""
    (work.project / "Cargo.toml").write_text('name = "rust"\n', encoding="utf-8")
    for number in range(6):
        work.scene.session(f"earlier-{number}", began_min=5000.0 + number)
        work.scene.response(4990.0 + number, session_id=f"earlier-{number}", tokens=(1, 1, 1, 1))
    text = "# P\n\n## Phase 1: Parser in Rust (1h)\n\n## Phase 2: Page in Svelte (1h)\n"

    assert ["familiar", None] == [phase["familiarity"] for phase in estimate(work, text)["phases"]]


def test_what_is_remembered_of_a_stack(work: PlannedWork) -> None:
    """A stack that other projects' memories name often is familiar here too."""
    folder = work.scene.user.config / "project-memory"
    folder.mkdir()
    memory = {"sessions": [{"id": str(n)} for n in range(6)], "cumulativeContext": {"techStack": ["Rust"]}}
    (folder / "a.json").write_text(json.dumps(memory), encoding="utf-8")
    (folder / "b.json").write_text("{", encoding="utf-8")

    phase = estimate(work, "# P\n\n## Phase 1: Parser in Rust (1h)\n")["phases"][0]

    assert ("familiar", "history") == (phase["familiarity"], phase["familiarity_source"])


@pytest.mark.parametrize(
    ("plan", "limit", "fits"), [("custom", 10_000_000, True), ("custom", 20_000, False), ("", 0, None)]
)
def test_fit(work: PlannedWork, plan: str, limit: int, fits: bool | None) -> None:
    """With the buffer it fits into what is left of the quota, or not, or nobody can tell."""
    work.scene.settings(quota={"plan": plan, "limit_tokens": limit})
    work.scene.session(began_min=5.0)
    work.scene.response(4.0, tokens=(0, 1_000, 0, 0))

    view = estimate(work, plans.RECKONED)

    assert fits == view["fits_quota"]
    if fits is not None:
        assert limit - 1_000 == view["quota"]["left_tokens"]
        assert (view["fit"]["left"]["probability"] > 0.9) == fits


def test_a_limit_told_by_the_share_alone(work: PlannedWork) -> None:
    """Where no limit in tokens is known, the share that the tokens made tells an estimate of it."""
    work.scene.session(began_min=60.0)
    work.scene.response(50.0, tokens=(0, 100_000, 0, 0))
    work.scene.report(50.0, 240.0)

    quota = estimate(work, plans.RECKONED)["quota"]

    assert (200_000, 100_000, "estimated") == (quota["limit_tokens"], quota["left_tokens"], quota["source"])


def test_risks_and_the_worst_case(work: PlannedWork) -> None:
    """The plan's risks add up, and come on top of upper bounds and safe limit in the worst case."""
    view = estimate(work, plans.RECKONED)

    assert (5_000, 8_000) == (view["risk_low_tokens"], view["risk_high_tokens"])
    assert max(view["total"]["high_tokens"], view["safe_upper_tokens"]) + 8_000 == view["worst_case_tokens"]
    assert "Begin with a small buffer" == view["risks"][0]["mitigation"]


def test_high_risk_has_reasons(work: PlannedWork) -> None:
    """A phase is marked for what makes it hard to foresee, and an ordinary one is not."""
    text = (
        "# P\n\n## Phase 1: Build (1h)\n\n## Phase 2: Fix the crash (6h)\n\n## Phase 3: Kafka\n\n"
        "## Risks\n\n1. Crash again (+90k tokens)\n"
    )
    marked = [phase["high_risk"] for phase in estimate(work, text)["phases"]]

    assert [] == marked[0]
    assert ["6 hours in one piece", "debugging is hard to foresee"] == marked[1][:2]
    assert any("Crash again" in reason for reason in marked[1])
    assert {"new: Kafka", "the plan gives it no hours"} <= set(marked[2])


def test_large_plans_are_split(work: PlannedWork) -> None:
    """A plan of more than a session should hold becomes several, one after the other, nothing lost."""
    text = "# P\n\n" + "".join(f"## Phase {number}: Build {number} (1h)\n\n" for number in range(1, 7))
    work.plan.write_text(text, encoding="utf-8")
    app = work.scene.app()
    from watchkeeper.estimates import plan_file

    made = session_estimate.estimate_plan(app, plan_file.read(str(work.plan)), NOTHING)
    found = planned.sessions(made)

    assert len(found) > 1
    assert [f"Build {number}" for number in range(1, 7)] == [name for each in found for name in each.objectives]
    assert [None, *range(len(found) - 1)] == [each.after for each in found]
    assert all(each.mid_tokens <= planned.MOST_TOKENS or each.is_large for each in found)
    assert [5.0, 1.0] == [each.hours for each in planned.sessions(made, limit_tokens=1e9)], "a window has five hours"
    assert 6.0 == sum(each.hours or 0.0 for each in found)


def test_past_work_is_leaned_on(work: PlannedWork) -> None:
    """Work that was estimated and finished is shown beside the next of its kind, and moves its estimate."""
    work.begin()
    before = work.json("estimate-session", "plan.md")
    work.use(400_000, 60)
    work.run("estimates", "phase", "done")
    work.use(500_000, 120)
    work.run("estimates", "phase", "done")
    work.end()
    work.at(200)

    after = work.json("estimate-session", "plan.md", session_id="")

    assert after["cases"] > 0
    assert after["total"]["mid_tokens"] > 1.3 * before["total"]["mid_tokens"]
    assert SESSION in [each["session"] for each in after["similar"]]
    assert all(each["variance_pct"] is None or each["variance_pct"] > 0 for each in after["similar"])
    assert any(each["source"] == "history" for each in after["risks"])


def test_the_block_in_the_plan(work: PlannedWork) -> None:
    """--write puts the estimate into the plan, twice is once, and the plan reads as before."""
    before = work.plan.read_bytes()
    first = work.json("estimate-session", "plan.md", "--write")
    once = work.plan.read_bytes()
    work.at(90)
    second = work.json("estimate-session", "plan.md", "--write")

    assert (True, False) == (first["written"], second["written"])
    assert once == work.plan.read_bytes()
    assert once.startswith(before)
    assert first["phases"] == second["phases"]


def test_a_plan_that_cannot_be_written(work: PlannedWork, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that changes while it is estimated stays as somebody else left it."""
    from watchkeeper.estimates import plan_block

    def changed(path: str, before: bytes, after: bytes) -> None:
        raise plan_block.Changed(path)

    monkeypatch.setattr(plan_block, "replace", changed)

    assert "has changed while it was estimated" in work.run("estimate-session", "plan.md", "--write").err
    assert plans.RECKONED == work.plan.read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [80, 120])
def test_a_hostile_plan_steers_nothing(work: PlannedWork, columns: int) -> None:
    """Control characters, long names and markup in a plan reach neither the terminal nor the block."""
    text = "# T\x1b]0;own\x07\n\n## Phase 1: \x1b[2J" + "x" * 5_000 + " | `a` <b> (1h)\n\n- Risk: \u202eevil\n"
    work.plan.write_text(text, encoding="utf-8")

    ran = work.run("estimate-session", "plan.md", "--write", columns=columns)

    assert 0 == ran.code
    assert all(line.isprintable() for line in ran.out.splitlines())
    written = work.plan.read_text(encoding="utf-8")[len(text) :]
    assert all(line.isprintable() for line in written.splitlines())
    assert [9] == [line.count("|") for line in written.splitlines() if line.startswith("| 1 ")]


@pytest.mark.parametrize(
    ("named", "sentence"),
    [("gone.md", "There is no file"), ("..", "is no file"), ("", "is no file"), ("a\nb", "There is no file")],
)
def test_refusals(work: PlannedWork, named: str, sentence: str) -> None:
    """What is no plan is refused in one sentence."""
    ran = work.run("estimate-session", named)

    assert 1 == ran.code
    assert sentence in ran.err
    assert 1 == len(ran.err.splitlines())


def test_outside_a_project(work: PlannedWork, tmp_path: Path) -> None:
    """A plan elsewhere is estimated for the project that one stands in."""
    elsewhere = tmp_path / "elsewhere.md"
    elsewhere.write_text(plans.RECKONED, encoding="utf-8")

    view = work.json("estimate-session", "../elsewhere.md")

    assert (str(elsewhere), str(work.project)) == (view["plan"]["path"], view["project"]["path"])
