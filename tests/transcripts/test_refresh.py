"""Tests of transcripts/refresh.py: the ledger holds what the transcripts say, exactly, whatever happens to them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.tree import LIBRARY
from tests.transcripts.samples import History, line, lines, progress, response, write
from watchkeeper.core import tail, usage
from watchkeeper.core.account import account_key
from watchkeeper.core.ledger import Transaction
from watchkeeper.transcripts import batches, refresh

OLD = NOON - 1000.0


@pytest.fixture
def history(home: User) -> History:
    return History(home)


def test_all_four_places_of_sub_agents_are_read(history: History) -> None:
    """Inline, beside the session, below it and inside progress records: each sub-agent's response counts once."""
    history.write(
        "p/s1.jsonl",
        response("main", (1, 0, 0, 0)),
        response("inline", (0, 10, 0, 0), isSidechain=True, agentId="a1"),
        progress("inside", (0, 0, 100, 0), agent_id="a2"),
        progress("beside", (0, 0, 0, 9)),
    )
    history.write("p/agent-a3.jsonl", response("beside", (0, 0, 0, 1000), agentId="a3", isSidechain=True))
    history.write("p/s1/subagents/agent-a4.jsonl", response("below", (10_000, 0, 0, 0), agentId="a4"))
    refreshed = history.refresh()

    assert (5, 10_001, 10, 100, 1000) == history.totals()
    assert (3, 3, 5) == (refreshed.files, refreshed.files_read, refreshed.responses)
    assert [("a1",), ("a2",), ("a3",), ("a4",)] == history.rows("SELECT agent_id FROM agents ORDER BY 1")[-4:]


def test_only_what_changed_is_read(history: History) -> None:
    """A second look reads nothing; after that only the transcript that grew, from where it had ended."""
    history.write("p/s1.jsonl", response("m1", (1, 1, 1, 1)))
    path = history.write("p/s2.jsonl", response("m2", (1, 1, 1, 1)))
    before = [history.refresh().files_read, history.refresh().files_read]
    with path.open("ab") as file:
        file.write(line(response("m3", (1, 1, 1, 1))))
    after = history.refresh()

    assert [2, 0] == before
    assert (1, 1, len(line(response("m3", (1, 1, 1, 1))))) == (after.files_read, after.responses, after.bytes_read)
    assert 3 == history.totals()[0]


@given(cuts=st.lists(st.integers(0, 4000), max_size=4), order=st.permutations(range(4)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_growth_in_any_parts_gives_the_same(home: User, cuts: list[int], order: list[int]) -> None:
    """However transcripts grow and in whatever order they appear, the ledger ends up with the same totals."""
    shutil.rmtree(home.config)
    home.config.mkdir()
    history = History(home)
    growing = lines(*[response(f"m{number}", (number, number % 3, 0, 1), NOON + number) for number in range(6)])
    others = {
        "p/s2.jsonl": [response("m1", (1, 90, 0, 1)), response("other", (5, 5, 5, 5))],
        "p/s1/subagents/agent-a.jsonl": [response("m2", (900, 900, 900, 900)), response("own", (7, 7, 7, 7))],
        "p/s3.jsonl": [progress("m3", (900, 900, 900, 900)), progress("alone", (3, 3, 3, 3))],
    }
    names = [*others, "p/s1.jsonl"]
    for index in order:
        if names[index] in others:
            history.write(names[index], *others[names[index]])
            history.refresh()
        else:
            for cut in [*sorted(cuts), len(growing)]:
                write(history.projects / names[index], growing[:cut])
                history.refresh()

    # m0 to m5 with m1 as the copy with more tokens has it, and three of the others.
    expected = (9, 15 + 5 + 7 + 3, 0 + 90 + 2 + 0 + 1 + 2 + 5 + 7 + 3, 15, 6 + 15)
    assert expected == history.totals()


def test_transcripts_that_are_gone_stay_counted(history: History) -> None:
    """With half the transcripts deleted a rebuild changes no total, and reads the rest from the beginning."""
    for number in range(10):
        history.write(f"p/s{number}.jsonl", response(f"m{number}", (number, 1, 2, 3), sessionId=f"s{number}"))
    history.refresh()
    before = history.totals(), history.rows("SELECT * FROM responses"), history.rows("SELECT * FROM windows")
    for number in range(0, 10, 2):
        (history.projects / "p" / f"s{number}.jsonl").unlink()
    rebuilt = history.refresh(rebuild=True)

    assert (5, 5, 5) == (rebuilt.files, rebuilt.files_read, rebuilt.responses)
    assert before == (
        history.totals(),
        history.rows("SELECT * FROM responses"),
        history.rows("SELECT * FROM windows"),
    )


def test_a_rebuild_brings_back_what_was_lost(history: History) -> None:
    """After the ledger file was lost, one look makes it anew."""
    history.write("p/s1.jsonl", response("m1", (1, 2, 3, 4)))
    history.refresh()
    before = history.totals()
    os.unlink(os.path.join(history.paths.state, "usage.db"))
    history.refresh()

    assert before == history.totals()


@pytest.mark.parametrize("rebuild", [True, False])
def test_cut_and_replaced_transcripts_lose_nothing(history: History, rebuild: bool) -> None:
    """What was read stays when its transcript is cut or replaced, and what is new in it is added."""
    path = history.write("p/s1.jsonl", response("m1", (1, 0, 0, 0)), response("m2", (2, 0, 0, 0)))
    history.refresh()
    path.write_bytes(lines(response("m3", (4, 0, 0, 0))))
    os.utime(path, (OLD, OLD))
    history.refresh(rebuild=rebuild)
    beside = history.write("p/next", response("m4", (8, 0, 0, 0)), response("m5", (16, 0, 0, 0)))
    os.replace(beside, path)
    history.refresh(rebuild=rebuild)

    assert (5, 31) == history.totals()[:2]


def test_the_session_that_made_a_record_owns_it(history: History) -> None:
    """A copy belongs to the session whose transcript is older; a forked session says whose its copies are."""
    copied = response("m1", (1, 1, 1, 1))
    history.write("p/a-copy.jsonl", {**copied, "sessionId": "resumed"}, modified_at=OLD + 60)
    history.write("p/z-original.jsonl", {**copied, "sessionId": "original"}, modified_at=OLD)
    forked = {**response("m2", (1, 1, 1, 1)), "sessionId": "forked", "forkedFrom": {"sessionId": "source"}}
    history.write("p/fork.jsonl", forked, modified_at=OLD - 60)
    history.refresh()

    assert [("m1", "original"), ("m2", "source")] == history.rows("SELECT message_id, session_id FROM responses")


def test_unreadable_lines_are_counted_once(history: History) -> None:
    """Skipped lines are counted by transcript; a half-written line is not one, and a rebuild counts anew."""
    broken = line(response("m1", (1, 1, 1, 1)))[:-30]
    path = history.write("p/s1.jsonl", response("m2", (1, 1, 1, 1)))
    path.write_bytes(path.read_bytes() + broken + b"\n" + broken)
    counted = [history.refresh().unreadable_lines]
    path.write_bytes(path.read_bytes() + b"\n")
    counted += [history.refresh().unreadable_lines, history.refresh(rebuild=True).unreadable_lines]

    assert [1, 1, 2] == counted
    assert [(2,)] == history.rows("SELECT skipped_lines FROM transcripts")


def test_what_a_hook_has_read_is_not_read_again(history: History) -> None:
    """Positions are shared with the hooks, also of a transcript that they know by another path."""
    path = history.write("p/s1.jsonl", response("m1", (1, 1, 1, 1)))
    with history.ledger() as ledger, Transaction(ledger.usage) as db:
        for key in (str(path), str(history.projects / "p" / ".." / "p" / "s1.jsonl")):
            growth = tail.read_growth(key, tail.START, 1 << 20)
            assert growth is not None
            usage.save_position(db, key, "s1", growth.position, 0, restarted=False)
    before = history.refresh().files_read
    with path.open("ab") as file:
        file.write(line(response("m2", (1, 1, 1, 1))))

    assert (0, 2, 0) == (before, history.refresh().files_read, history.refresh().files_read)


def test_a_position_that_another_process_moved_is_left(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was saved while this process was reading is not set back."""
    path = history.write("p/s1.jsonl", response("m1", (1, 1, 1, 1)))
    moved = tail.Position(1, 2, 3, 4, b"other")
    real_read = batches.read

    def read_slowly(*arguments: object) -> object:
        with history.ledger() as other, Transaction(other.usage) as db:
            usage.save_position(db, str(path), "s1", moved, 7, restarted=False)
        return real_read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(batches, "read", read_slowly)
    history.refresh()

    assert [(2, 7)] == history.rows("SELECT size, skipped_lines FROM transcripts")
    assert 1 == history.totals()[0]


def test_large_histories_are_saved_in_parts(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few responses a transaction takes, the totals and the positions are whole; progress ends at the end."""
    monkeypatch.setattr(refresh, "_MOST_RESPONSES", 3)
    monkeypatch.setattr(batches, "_BATCH_BYTES", 1)
    for number in range(20):
        history.write(f"p/s{number}.jsonl", response(f"m{number % 15}", (1, 1, 1, 1)))
    told: list[tuple[int, int]] = []
    with history.ledger() as ledger:
        refresh.refresh(ledger, history.paths, {}, NOON, progress=lambda *figures: told.append(figures))

    assert (15, 15, 15, 15, 15) == history.totals()
    assert [(20,)] == history.rows("SELECT count(*) FROM transcripts WHERE offset = size")
    assert told[-1][0] == told[-1][1] == sum(path.stat().st_size for path in history.projects.glob("p/*"))
    assert sorted(told) == told
    assert 20 == len(told)


def test_a_transcript_that_cannot_be_opened_is_named(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transcript that fails does not keep the others from being read."""
    history.write("p/s1.jsonl", response("m1", (1, 1, 1, 1)))
    bad = history.write("p/s2.jsonl", response("m2", (1, 1, 1, 1)))
    real_open = os.open

    def open_unless_bad(path: str, *arguments: int) -> int:
        if path == str(bad):
            raise PermissionError(path)
        return real_open(path, *arguments)

    monkeypatch.setattr(os, "open", open_unless_bad)
    refreshed = history.refresh()
    monkeypatch.undo()

    assert ((str(bad),), 1) == (refreshed.unreadable_files, refreshed.responses)
    assert 2 == history.refresh().responses + 1


def test_a_session_has_its_project(history: History, tmp_path: Path) -> None:
    """A session that no hook has seen has the git folder around its own; folders of other systems stay as they are."""
    (tmp_path / "work" / ".git").mkdir(parents=True)
    inside = str(tmp_path / "work" / "src")
    history.write("p/s1.jsonl", response("m1", (1, 1, 1, 1), cwd=inside))
    history.write("p/s2.jsonl", response("m2", (1, 1, 1, 1), cwd="C:\\work", sessionId="s2"))
    history.write("p/s3.jsonl", response("m3", (1, 1, 1, 1), cwd="nul\0", sessionId="s3"))
    history.refresh()

    expected = [(os.path.realpath(tmp_path / "work"),), ("C:\\work",), ("nul\0",)]
    assert expected == history.rows("SELECT project FROM sessions ORDER BY session_id")


def test_a_limit_that_was_hit_becomes_a_report(history: History, home: User) -> None:
    """The reset that a refusal in a transcript states is known afterwards, if it is not over."""
    for number, at in enumerate((NOON - 60, NOON - 86_400 * 9)):
        text = "You've hit your session limit · resets 3:45pm (UTC)"
        refusal = response("e1", (0, 0, 0, 0), at, model="<synthetic>", content=[{"type": "text", "text": text}])
        history.write(f"p/s{number}.jsonl", {**refusal, "isApiErrorMessage": True, "error": "rate_limit"})
    history.refresh()
    with history.ledger() as ledger:
        reports = ledger.state.execute("SELECT account, kind, resets_at, used_pct FROM reports").fetchall()

    account = account_key(history.paths, home.environ)
    assert [(account, "five_hour", NOON + 3.75 * 3600, 100.0)] == reports


def test_an_empty_configuration_is_no_error(history: History) -> None:
    """Before the first session there is nothing to read."""
    assert (0, 0, 0) == history.refresh()[:3]
    assert (0, 0, 0, 0, 0) == history.totals()


REFRESH = """if True:
    import sys
    sys.path[:0] = [sys.argv[1]]
    from watchkeeper.core import paths
    from watchkeeper.core.ledger import Ledger
    from watchkeeper.transcripts import refresh
    where = paths.paths_in(sys.argv[2], {})
    with Ledger(where.state, 1.0) as ledger:
        for _ in range(3):
            refresh.refresh(ledger, where, {}, 1.0, rebuild=sys.argv[3] == "rebuild")
"""


@pytest.mark.parametrize("how", ["refresh", "rebuild"])
def test_processes_that_refresh_at_once_are_exact(history: History, real_processes: User, how: str) -> None:
    """Several processes may read the same growing transcripts at once: every response counts once."""
    for number in range(40):
        records = [response(f"m{number}-{each}", (1, 2, 3, 4), NOON + each) for each in range(20)]
        path = history.write(f"p/s{number}.jsonl", *records)
        path.write_bytes(path.read_bytes() + b'{"assistant" no record\n')
    command = [sys.executable, "-c", REFRESH, str(LIBRARY.parent), str(real_processes.config), how]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    for number in range(40):
        with (history.projects / "p" / f"s{number}.jsonl").open("ab") as file:
            file.write(line(response(f"late-{number}", (1, 2, 3, 4))))
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in running]
    history.refresh()

    assert [("", 0)] * 4 == ended
    assert tuple(840 * figure for figure in (1, 1, 2, 3, 4)) == history.totals()
    assert [(40, 1, 1)] == history.rows("SELECT count(*), min(skipped_lines), max(skipped_lines) FROM transcripts")
