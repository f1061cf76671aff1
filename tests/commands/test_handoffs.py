"""`handoffs` lists what was written and what waits, shows one, and changes which one waits."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Ran, Scene, moderate
from tests.handoff.samples import AUTH, SESSION
from tests.support.clock import NOON
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import folder, pending, stored
from watchkeeper.handoff.saving import save
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen


@pytest.fixture
def here(in_project: Scene) -> Scene:
    """Two handoffs of one session, another session's draft and one of another project."""
    moderate(in_project)
    mine = AUTH.model_copy(update={"project": in_project.project})
    written = [
        mine.model_copy(update={"written_at": int(NOON) - 7_200}),
        mine.model_copy(update={"written_at": int(NOON) - 600, "title": "Refresh tokens"}),
        mine.model_copy(update={"written_at": int(NOON) - 60, "kind": "draft", "from_session": "1f0c5a77-other"}),
        AUTH.model_copy(update={"project": "/elsewhere", "from_session": "zzz"}),
    ]
    with in_project.ledger as ledger:
        for handoff in written:
            save(handoff, folder.folder_of(in_project.paths), ledger)
    return in_project


def run(scene: Scene, *options: str) -> Ran:
    return scene.run("handoffs", *options)


def listed(scene: Scene, *options: str) -> list[dict[str, Any]]:
    view: dict[str, Any] = json.loads(run(scene, *options, "--json").out)
    rows: list[dict[str, Any]] = view["handoffs"]
    return rows


def test_page(here: Scene) -> None:
    """What a person sees of handoffs that wait, were given and were used."""
    view = json.loads(run(here, "--json").out)
    states = [("pending", NOON + 3_600), ("used", None), ("dropped", None)]
    rows = [
        {**row, "written_at": NOON - 600, "state": state, "pending": state == "pending", "scheduled_for_at": at}
        for row, (state, at) in zip(view["handoffs"], states, strict=True)
    ]
    shown = {"now_at": NOON, "project": "/p", "elsewhere": 1, "handoffs": rows}

    assert_golden("handoffs", lambda columns, colour: engine.render("handoffs", shown, Pen(colour), columns, NOON))


def test_the_list(here: Scene) -> None:
    """Those of this project, the newest first; with --all those of others too."""
    assert ["1f0c5a77", "95847ad0-2", "95847ad0"] == [row["name"] for row in listed(here)]
    assert 4 == len(listed(here, "--all"))
    assert "1 more in other projects" in run(here).out


def test_an_empty_list_says_what_to_do(scene: Scene) -> None:
    """Where nothing was written the command that writes is named."""
    assert "/plan-next-session writes one" in run(scene).out


def test_one_is_shown(here: Scene) -> None:
    """A handoff is printed as it stands in its file, for the terminal."""
    shown = run(here, "show", "1f0c5a77").out

    assert "# Session handoff: Authentication, phase 2" in shown
    assert "1. **Guard the user routes** (est. 15,000 tokens)" in shown
    assert 45_000 == json.loads(run(here, "show", "1f0c5a77", "--json").out)["handoff"]["estimated_tokens"]


def test_without_an_id_the_obvious_one_is_meant(here: Scene) -> None:
    """The newest of this project is shown and used; the one that waits is dropped."""
    assert "1f0c5a77" in run(here, "show").out
    run(here, "use", "95847ad0")
    assert 0 == run(here, "drop").code
    assert [False, False, False] == [row["pending"] for row in listed(here)]
    run(here, "use")
    assert [True, False, False] == [row["pending"] for row in listed(here)]


def test_nothing_is_obvious_where_nothing_is(scene: Scene) -> None:
    """Without any handoff a sentence says what writes one."""
    for command in ("show", "use", "drop"):
        assert "/plan-next-session writes one" in run(scene, command).err


def test_control_characters_of_a_file_never_reach_the_terminal(here: Scene) -> None:
    """A handoff that was edited by hand is shown inert."""
    path = Path(folder.folder_of(here.paths), f"handoff-{SESSION}.md")
    path.write_text(path.read_text(encoding="utf-8") + "\n\x1b]0;owned\x07\x1b[2J\n", encoding="utf-8")

    out = run(here, "show", f"handoff-{SESSION}").out

    assert "owned" in out
    assert out.replace("\n", "").isprintable()


def test_one_is_chosen_scheduled_and_dropped(here: Scene) -> None:
    """A handoff can be made the one that waits, be given a time, and be told not to wait."""
    run(here, "use", "1f0c5a77")
    assert [True, False, False] == [row["pending"] for row in listed(here)]

    run(here, "use", "95847ad0-2")
    assert [("dropped", False), ("pending", True), (None, False)] == [
        (row["state"], row["pending"]) for row in listed(here)
    ]

    assert "14:45" in run(here, "schedule", "95847ad0-2", "reset").out
    assert "2026-11-20T14:45:00+00:00" == listed(here)[1]["scheduled_for_at"]
    assert listed(here)[1]["booking"]

    here.run("cancel-next-session", "--all")
    assert "None waits" in run(here, "drop", "95847ad0-2").out
    assert Path(folder.folder_of(here.paths), f"handoff-{SESSION}-2.md").exists()


def test_a_booked_one_is_left_to_its_booking(here: Scene) -> None:
    """What a booked session waits for is shown as booked, and neither dropped nor moved until that is cancelled."""
    run(here, "use", "1f0c5a77")
    with here.ledger as ledger, Transaction(ledger.state) as db:
        assert pending.tie(db, "handoff-1f0c5a77-other", "b1", NOON + 3_600)

    shown = run(here, "use", "1f0c5a77").out

    assert "booked" in shown
    assert "None waits for the next session" in shown
    assert "b1" == listed(here)[0]["booking"]
    for options in (("drop", "1f0c5a77"), ("schedule", "1f0c5a77", "manual")):
        assert "waits for a booked session" in run(here, *options).err


def test_a_time_is_handed_to_who_books(here: Scene) -> None:
    """Scheduling returns what a booking needs, and nothing where a person starts the session."""
    run(here, "use", "1f0c5a77")
    app = here.app()
    with app.ledger:
        booked = stored.schedule(app, "1f0c5a77", "reset+5m")

        assert ("handoff-1f0c5a77-other", here.project, AUTH.agent, "reset+5m", NOON + 165 * 60 + 300) == booked
        assert stored.schedule(app, "1f0c5a77", "manual") is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("show", "nothing"), "No handoff is called 'nothing'"),
        (("show", "95847"), "Several handoffs begin with"),
        (("show", "../../../etc/passwd"), "No handoff is called"),
        (("drop", "1f0c5a77"), "does not wait for a session"),
        (("schedule", "1f0c5a77", "reset"), "does not wait for a session"),
    ],
)
def test_refusals(here: Scene, options: tuple[str, ...], sentence: str) -> None:
    """What names no handoff, or one that cannot be changed so, is refused in a sentence."""
    ran = run(here, *options)

    assert 1 == ran.code
    assert sentence in ran.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_what_is_no_handoff_is_passed_over(here: Scene, tmp_path: Path) -> None:
    """Pipes, folders, links to anywhere and other people's files beside the handoffs stop nothing and are not shown."""
    where = Path(folder.folder_of(here.paths))
    os.mkfifo(where / "handoff-pipe.md")
    (where / "handoff-folder.md").mkdir()
    for name, target in (("nowhere", tmp_path / "nowhere"), ("device", "/dev/zero"), ("other", "/etc/passwd")):
        (where / f"handoff-{name}.md").symlink_to(target)
    (where / "handoff-bytes.md").write_bytes(bytes(range(256)))

    assert 4 == len(listed(here, "--all"))
    for name in ("pipe", "folder", "nowhere", "device", "other", "bytes"):
        assert "No handoff is called" in run(here, "show", name).err


@pytest.mark.parametrize("value", ["NaN", "1e999", "-5", "99999999999999999999", '"9999-12-31T23:59:59Z"', "[]", '""'])
def test_a_time_that_cannot_be_is_the_files(here: Scene, value: str) -> None:
    """A handoff whose time was mistyped is listed by the time of its file."""
    path = Path(folder.folder_of(here.paths), "handoff-1f0c5a77-other.md")
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub("written_at: .*", f"written_at: {value}", text), encoding="utf-8")
    os.utime(path, (NOON - 30, NOON - 30))

    assert "2026-11-20T11:59:30+00:00" == listed(here)[0]["written_at"]


def test_half_a_character_in_a_field_stops_nothing(here: Scene) -> None:
    """What JSON can hold and a ledger cannot is replaced."""
    path = Path(folder.folder_of(here.paths), "handoff-1f0c5a77-other.md")
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub("from_session: .*", 'from_session: "\\\\ud800"', text), encoding="utf-8")

    assert (0, True) == (run(here, "use", "1f0c5a77").code, listed(here)[0]["pending"])


def test_a_damaged_handoff_is_named(here: Scene) -> None:
    """A file whose machine lines are broken can be read as text only."""
    path = Path(folder.folder_of(here.paths), "handoff-1f0c5a77-other.md")
    path.write_text("---\nkind: 5\n---\n# x\n", encoding="utf-8")

    assert 0 == run(here, "show", "1f0c5a77").code
    assert "can no longer be read as a handoff" in run(here, "use", "1f0c5a77").err
