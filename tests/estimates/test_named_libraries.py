"""What a plan names, and what a project uses already."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.estimates import named_libraries


@pytest.mark.parametrize(
    ("text", "libraries", "stack"),
    [
        ("Socket.io integration with recharts", ("Socket.IO", "Recharts"), ()),
        ("socketio and Chart.js", ("Socket.IO", "Chart.js"), ()),
        ("Use React and Go; express yourself", (), ("React", "Go")),
        ("Express what is meant. Go home", (), ()),
        ("C++ or C# and .NET", (), ("C++", "C#", ".NET")),
        ("npm install left-pad --save && rm -rf x", ("leftpad",), ()),
        ("pip install 'httpx>=0.2' zod", ("httpx", "Zod"), ()),
        ("nothing to see", (), ()),
    ],
)
def test_named(text: str, libraries: tuple[str, ...], stack: tuple[str, ...]) -> None:
    """Names count however they are spelled; names that are words count only as names are written."""
    found = named_libraries.named_in([text])

    assert (libraries, stack) == (found.libraries, found.stack)


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("0.9 (familiar Node.js)", {"nodejs": "familiar"}),
        ("learning the framework Next.js", {"nextjs": "learning"}),
        ("new library Recharts, first time with Redis", {"recharts": "new", "redis": "new"}),
        ("unfamiliar with Kafka", {"kafka": "new"}),
        ("a new form", {}),
    ],
)
def test_claims(text: str, claims: dict[str, str]) -> None:
    """A plan's word on how well something is known is taken."""
    assert claims == named_libraries.named_in([text]).claims


def test_listed() -> None:
    """A labelled line lists names in any of the usual ways."""
    assert ("Socket.IO", "zod", "date-fns") == named_libraries.listed_in("Socket.IO, `zod` and date-fns")


def test_keys_in_use(tmp_path: Path) -> None:
    """What manifests name is in use; a project without any uses nothing that is known."""
    (tmp_path / "package.json").write_text('{"dependencies": {"socket.io": "^4"}}', encoding="utf-8")
    (tmp_path / "requirements.txt").write_text("scikit-learn==1.5\n", encoding="utf-8")

    assert {"socketio", "scikitlearn"} <= named_libraries.keys_in_use(str(tmp_path))
    assert frozenset() == named_libraries.keys_in_use(str(tmp_path / "gone"))


@given(st.lists(st.text()))
def test_any_text(texts: list[str]) -> None:
    """Whatever is written, names are found or not, and there are never too many."""
    found = named_libraries.named_in(texts)

    assert len(found.libraries) + len(found.stack) <= 80
