from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.commands.scene import Scene
from tests.handoff.samples import AUTH, SESSION
from tests.support.environment import User
from watchkeeper.handoff import folder, markdown
from watchkeeper.handoff.model import Handoff
from watchkeeper.handoff.saving import Saved, save

DRAFT = AUTH.model_copy(update={"kind": "draft"})


@pytest.fixture
def scene(home: User) -> Scene:
    return Scene(home)


def saved(scene: Scene, handoff: Handoff, later_s: int = 0) -> Saved:
    with scene.ledger as ledger:
        timed = handoff.model_copy(update={"written_at": handoff.written_at + later_s})
        return save(timed, folder.folder_of(scene.paths), ledger)


def test_a_handoff_is_for_its_owner_only(scene: Scene) -> None:
    """The file is named after the session and readable by its owner alone; nothing else is left in the folder."""
    result = saved(scene, AUTH)

    assert f"handoff-{SESSION}" == result.handoff.id
    assert [f"handoff-{SESSION}.md"] == os.listdir(folder.folder_of(scene.paths))
    assert 0o600 == stat.S_IMODE(os.stat(result.path).st_mode)
    assert result.handoff == markdown.parse(folder.read(result.path))


def test_a_composed_handoff_is_never_replaced(scene: Scene) -> None:
    """Whatever comes after a composed handoff gets a number."""
    ids = [saved(scene, handoff).handoff.id for handoff in (AUTH, DRAFT, DRAFT, AUTH)]

    base = f"handoff-{SESSION}"
    assert [base, f"{base}-2", f"{base}-2", f"{base}-2"] == ids
    assert "handoff-95847ad0-d7c5-45bb-aa00-1664be934fc7-3" == saved(scene, AUTH).handoff.id


def test_an_edited_draft_is_never_replaced(scene: Scene) -> None:
    """A draft that somebody changed stays as they left it."""
    first = Path(saved(scene, DRAFT).path)
    first.write_text(first.read_text(encoding="utf-8") + "\nMine.\n", encoding="utf-8")

    second = saved(scene, DRAFT)

    assert second.handoff.id.endswith("-2")
    assert first.read_text(encoding="utf-8").endswith("Mine.\n")


def test_a_slower_draft_does_not_replace_a_later_one(scene: Scene) -> None:
    """Of two jobs for one session the one that looked at it last has the last word."""
    later = saved(scene, DRAFT.model_copy(update={"title": "Later"}), later_s=5)

    assert later == saved(scene, DRAFT.model_copy(update={"title": "Earlier"}))
    assert "Later" == markdown.parse(folder.read(later.path)).title
    again = saved(scene, DRAFT.model_copy(update={"title": "Under a clock that was set back"}), later_s=-3_600)
    assert "Under a clock that was set back" == again.handoff.title


def test_the_newest_is_chosen_by_its_time(scene: Scene) -> None:
    """Not the highest number and not the last change of a file, but the time it was written at decides."""
    saved(scene, AUTH, later_s=100)
    saved(scene, AUTH, later_s=50)
    last = saved(scene, AUTH.model_copy(update={"from_session": "zzz"}), later_s=10)
    os.utime(last.path, (4e9, 4e9))

    newest = folder.newest(folder.folder_of(scene.paths), AUTH.project)

    assert newest is not None
    assert f"handoff-{SESSION}" == newest.id


def test_two_at_once_get_two_names(scene: Scene) -> None:
    """Sessions that write at the same time never write over each other."""
    with scene.ledger as ledger:
        ledger.state.execute("SELECT 1")
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: saved(scene, AUTH).handoff.id, range(8)))

    assert 8 == len(set(ids))


@given(st.text())
def test_no_session_id_leads_out_of_the_folder(session_id: str) -> None:
    """Whatever a session is called, its handoff stands directly in the folder."""
    name = folder.base_id(session_id, 1.0)

    assert "/folder" == os.path.dirname(os.path.normpath(folder.path_of("/folder", name)))


@pytest.mark.parametrize("name", ["../x", "handoff-../../x", "handoff-a/b", "handoff-a\0b", "", "handoff-"])
def test_what_is_no_id_is_no_path(name: str) -> None:
    """Only ids of handoffs become paths."""
    with pytest.raises(ValueError, match="no handoff's id"):
        folder.path_of("/folder", name)


def test_foreign_files_are_left_out(scene: Scene) -> None:
    """Other files in the folder are no handoffs, and a damaged one is listed as long as its title can be read."""
    where = Path(folder.folder_of(scene.paths))
    where.mkdir()
    (where / "notes.md").write_text("x")
    (where / "handoff-broken.md").write_bytes(b"\xff\xfe---\n# Session handoff: Sign-in\n")
    (where / "handoff-other.md").write_bytes(b"\xff\xfe---")

    assert [("handoff-broken", "Sign-in")] == [(entry.id, entry.title) for entry in folder.entries(str(where))]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_leads_no_write_elsewhere(scene: Scene, tmp_path: Path) -> None:
    """A handoff is written into its folder whatever stands there under the names that are used on the way."""
    where = Path(folder.folder_of(scene.paths))
    where.mkdir()
    precious = tmp_path / "precious"
    precious.write_text("precious", encoding="utf-8")
    name = f"handoff-{SESSION}.md"
    (where / name).symlink_to(precious)

    result = saved(scene, AUTH)

    assert ("precious", f"handoff-{SESSION}-2") == (precious.read_text(encoding="utf-8"), result.handoff.id)
    assert not Path(result.path).is_symlink()


@pytest.mark.parametrize(
    ("handoff_id", "expected"),
    [(f"handoff-{SESSION}", "95847ad0"), (f"handoff-{SESSION}-12", "95847ad0-12"), ("handoff-1", "1")],
    ids=["first", "numbered", "short"],
)
def test_a_name_is_as_short_as_it_can_be(handoff_id: str, expected: str) -> None:
    """Eight characters of the session and the number tell a handoff."""
    assert expected == folder.short_name(handoff_id)
