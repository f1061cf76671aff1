"""The documentation as data: pages, their headings, links, pieces of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.support.tree import TREE

PAGES = sorted(
    path.relative_to(TREE).as_posix()
    for pattern in ("*.md", "docs/*.md", ".github/*.md")
    for path in TREE.glob(pattern)
    if path.is_file()
)


class Fence(NamedTuple):
    """A block of code: its language and text, and where it stands."""

    language: str
    text: str
    place: str


@cache
def tokens(page: str) -> list[Token]:
    """Return what a page consists of, in order."""
    text = (TREE / page).read_text(encoding="utf-8")
    return MarkdownIt("commonmark").enable("table").parse(text)


def inline(page: str) -> Iterator[Token]:
    """Yield the pieces of running text: words, links, code."""
    for token in tokens(page):
        yield from token.children or ()


def links(page: str) -> list[str]:
    """Return where a page's links and pictures lead."""
    found = (token.attrGet("href") or token.attrGet("src") for token in inline(page))
    return [str(each) for each in found if each]


def spans(page: str) -> list[str]:
    """Return the pieces of code in running text."""
    return [token.content for token in inline(page) if token.type == "code_inline"]


def fences(page: str) -> list[Fence]:
    """Return the blocks of code that name their language."""
    return [
        Fence(token.info.strip(), token.content, f"{page}:{(token.map or [0])[0] + 1}")
        for token in tokens(page)
        if token.type == "fence"
    ]


def anchors(page: str) -> set[str]:
    """Return the anchors that GitHub gives a page's headings."""
    every = tokens(page)
    titles = [every[index + 1].content for index, token in enumerate(every) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def rows(page: str) -> list[tuple[str, list[str]]]:
    """Return the rows of a page's tables, their cells as written, each with the heading that it stands under."""
    found: list[tuple[str, list[str]]] = []
    heading, is_head = "", False
    every = tokens(page)
    for index, token in enumerate(every):
        if token.type == "heading_open":
            heading = every[index + 1].content
        elif token.type in ("thead_open", "thead_close"):
            is_head = token.type == "thead_open"
        elif token.type == "tr_open" and not is_head:
            found.append((heading, []))
        elif token.type == "td_open":
            found[-1][1].append(every[index + 1].content)
    return found


def exists(path: str) -> bool:
    """Return whether a path of the tree, or of the library, is there; `*` stands for any name."""
    places = (TREE, TREE / "lib" / "watchkeeper", TREE / "tests")
    return any(_is_there(place, path.rstrip("/")) for place in places)


def _is_there(place: Path, path: str) -> bool:
    return any(place.glob(path)) if "*" in path else (place / path).exists()
