"""Links in the documentation lead somewhere."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest

from tests.docs.reading import PAGES, anchors, links
from tests.support.tree import TREE


def leads_nowhere(page: str, link: str) -> bool:
    """Whether a link of a page names a file that is not there, or a heading that its page does not have."""
    if link.startswith("https://"):
        return False
    named, _, anchor = unquote(link).partition("#")
    place = TREE / PurePosixPath(page).parent / named if named else TREE / page
    if not place.exists():
        return True
    return bool(anchor) and anchor not in anchors(place.resolve().relative_to(TREE).as_posix())


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every link names a file that is there, and a heading that it has; no other than https leads out."""
    assert [] == [link for link in links(page) if leads_nowhere(page, link)]


def test_every_page_can_be_reached() -> None:
    """Whoever begins at the README finds each page and picture of docs/."""
    found, ahead = set(), ["README.md"]
    while ahead:
        page = ahead.pop()
        for link in links(page):
            named = unquote(link).partition("#")[0]
            place = TREE / PurePosixPath(page).parent / named
            if named and "://" not in named and place.is_file() and place.resolve() not in found:
                found.add(place.resolve())
                if place.suffix == ".md":
                    ahead.append(place.resolve().relative_to(TREE).as_posix())

    assert [] == [path.name for path in sorted((TREE / "docs").iterdir()) if path.resolve() not in found]
