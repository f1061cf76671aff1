"""Requests as files: what may stand in one, and what becomes of one that is damaged."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchkeeper.errors import UserError
from watchkeeper.monitor import termination
from watchkeeper.monitor.termination import Request
from watchkeeper.monitor.workspace import REQUEST, RESULT, Workspace

GOOD = {
    "session_id": "95847ad0-d7c5-45bb-aa00-1664be934fc7",
    "project": "/home/ada/my-project",
    "reason": "token_limit_approaching",
    "continuation_command": ["claude", "--resume", "x"],
    "requested_at": 1_800_000_000.0,
}


def write(where: Workspace, content: bytes) -> None:
    Path(where.folder).mkdir(parents=True, exist_ok=True)
    Path(where.path(REQUEST)).write_bytes(content)
    os.chmod(where.path(REQUEST), 0o600)


def test_a_request_is_read_as_it_was_filed(where: Workspace) -> None:
    """What is filed is what waits, in a file for its owner alone."""
    request = Request(**GOOD)  # type: ignore[arg-type]
    termination.file_request(where, request)

    assert request == termination.waiting_in(where)
    assert os.name == "nt" or 0o600 == os.stat(where.path(REQUEST)).st_mode & 0o777


def test_no_request(where: Workspace) -> None:
    """Nothing waits where nothing was filed, nor where something stands that is no file."""
    assert termination.waiting_in(where) is None
    os.makedirs(where.path(REQUEST))
    assert termination.waiting_in(where) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(where: Workspace) -> None:
    """Something that would never end being read is not read."""
    os.makedirs(where.folder)
    os.mkfifo(where.path(REQUEST))

    assert termination.waiting_in(where) is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("how", ["of the group", "of another user", "a link"])
def test_what_others_may_have_filed_is_refused(where: Workspace, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request runs a command, so it counts only where its owner alone can have written it."""
    termination.file_request(where, Request(**GOOD))  # type: ignore[arg-type]
    if how == "of the group":
        os.chmod(where.path(REQUEST), 0o620)
    elif how == "of another user":
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    else:
        os.rename(where.path(REQUEST), where.path("elsewhere"))
        os.symlink(where.path("elsewhere"), where.path(REQUEST))

    with pytest.raises(UserError, match="yours alone"):
        termination.waiting_in(where)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"session_id": "' + b"x" * 70_000 + b'"}',
        b"[" * 5_000,
        *(
            json.dumps({**GOOD, **changed}).encode()
            for changed in (
                {"session_id": "../../etc/passwd"},
                {"session_id": "x\ny"},
                {"priority": "urgent"},
                {"reason": "a\x1b[2Jb"},
                {"reason": ""},
                {"requested_at": "soon"},
                {"requested_at": float("nan")},
                {"not_before_at": float("inf")},
                {"attempts": 5_000},
                {"attempts": -1},
                {"continuation_command": "rm -rf /"},
                {"continuation_command": [1]},
                {"pid": 1},
            )
        ),
    ],
)
def test_a_damaged_request_is_refused(where: Workspace, content: bytes) -> None:
    """A file that is cut off, hostile or of other fields is refused with a sentence."""
    write(where, content)

    with pytest.raises(UserError, match="cannot be used"):
        termination.waiting_in(where)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_no_bytes_do_harm(where: Workspace, content: bytes) -> None:
    """Whatever a file holds, reading it gives a request or a sentence."""
    write(where, content)

    with pytest.raises(UserError):
        termination.waiting_in(where)


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1), max_size=6))
def test_words_of_a_command_stay_words(words: list[str]) -> None:
    """What was quoted for a shell is taken apart into the same words, and no shell reads it."""
    import shlex

    assert tuple(words) == termination.split(shlex.join(words))


def test_a_command_without_an_end() -> None:
    """A quote that is not closed is wrong usage."""
    with pytest.raises(UserError, match="close its quotes") as wrong:
        termination.split("claude 'x")

    assert 2 == wrong.value.exit_code


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"reason": "a\nb"}, "reason"), ({"priority": "now"}, "priority"), ({"project": ""}, "project")],
)
def test_wrong_fields_are_named(changed: dict[str, str], named: str) -> None:
    """What cannot be filed is told by its name."""
    with pytest.raises(UserError, match=f"request's {named} cannot be used"):
        termination.made(**{**GOOD, **changed})


def test_what_is_settled_waits_no_more(where: Workspace) -> None:
    """The outcome is kept, the request goes, and whose it was is known."""
    request = Request(**GOOD)  # type: ignore[arg-type]
    termination.file_request(where, request)
    termination.settle(where, request, "done", "ended", 1_800_000_060.0)

    told = json.loads(Path(where.path(RESULT)).read_text(encoding="utf-8"))
    assert ("done", "ended") == (told["outcome"], told["detail"])
    assert termination.waiting_in(where) is None
    assert termination.was_settled(where, request.session_id, 1_800_000_000.0)
    assert not termination.was_settled(where, request.session_id, 1_800_000_100.0)
    assert not termination.was_settled(where, "other", 0.0)
    termination.settle(where, None, "refused", "damaged", 1_800_000_070.0)
    assert not termination.was_settled(where, request.session_id, 0.0)


def test_two_sessions_of_a_folder_have_a_request_each(where: Workspace) -> None:
    """The first one's has the usual name, the second one's its session's beside it; filed anew, each is replaced."""
    first, second = Request(**GOOD), Request(**{**GOOD, "session_id": "b:2.x"})  # type: ignore[arg-type]
    names = [os.path.basename(termination.file_request(where, each)) for each in (first, second, second, first)]
    found = {name: termination.waiting_in(where, name) for name in where.requests()}

    assert [REQUEST, f"{REQUEST}-b_2_x", f"{REQUEST}-b_2_x", REQUEST] == names
    assert {REQUEST: first, f"{REQUEST}-b_2_x": second} == found
    assert termination.waits_for(where, "b:2.x")
    assert not termination.waits_for(where, "other")


def test_each_request_is_settled_by_itself(where: Workspace) -> None:
    """What became of one neither takes the other away nor its result."""
    first, second = Request(**GOOD), Request(**{**GOOD, "session_id": "b"})  # type: ignore[arg-type]
    for each in (first, second):
        termination.file_request(where, each)
    termination.settle(where, first, "refused", "no", 1_800_000_060.0)
    left = where.requests()
    termination.settle(where, second, "done", "ended", 1_800_000_070.0)
    told = {name: json.loads(Path(where.path(name)).read_text(encoding="utf-8"))["outcome"] for name in where.results()}

    assert ([f"{REQUEST}-b"], []) == (left, where.requests())
    assert {RESULT: "refused", "termination-result-b.json": "done"} == told
    assert termination.was_settled(where, first.session_id, 1_800_000_000.0)
    assert termination.was_settled(where, "b", 1_800_000_000.0)


def test_one_that_was_taken_back_takes_no_other_with_it(where: Workspace) -> None:
    """Settled after somebody has removed its file, a request leaves another session's where it is."""
    first, second = Request(**GOOD), Request(**{**GOOD, "session_id": "b"})  # type: ignore[arg-type]
    termination.file_request(where, first)
    os.unlink(termination.file_request(where, second))
    termination.settle(where, second, "done", "ended", 1_800_000_060.0)

    assert first == termination.waiting_in(where)


def test_those_that_file_at_once_do_not_take_each_others_place(where: Workspace) -> None:
    """Twenty sessions whose ends are asked for at the same time have twenty requests."""
    asked = [Request(**{**GOOD, "session_id": f"s{number}"}) for number in range(20)]  # type: ignore[arg-type]
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda each: termination.file_request(where, each), asked))
    found = [termination.waiting_in(where, name) for name in where.requests()]

    assert {each.session_id for each in asked} == {each.session_id for each in found if each is not None}


@pytest.mark.parametrize(
    "command",
    [(), ("claude",), ("claude", "--continue"), ("claude", "--resume", "95847ad0"), ("claude", "-c", "Go on")],
)
def test_a_model_may_have_its_conversation_go_on(command: tuple[str, ...]) -> None:
    """Nothing, the conversation, or the conversation with a prompt."""
    termination.check_of_a_model(command)


@pytest.mark.parametrize(
    "command",
    [
        ("bash",),
        ("bash", "-c", "id"),
        ("/tmp/claude", "--continue"),
        ("claude", "--dangerously-skip-permissions"),
        ("claude", "--continue", "--dangerously-skip-permissions"),
        ("claude", "--continue", "go on", "--settings=x"),
        ("claude", "--resume", "--settings"),
        ("claude", "--resume", "x", "-p"),
    ],
)
def test_a_model_may_run_nothing_else(command: tuple[str, ...]) -> None:
    """Another program, or an option of the client's, is refused with what is allowed."""
    with pytest.raises(UserError, match=r"at most a prompt"):
        termination.check_of_a_model(command)
