from __future__ import annotations

from pathlib import Path

import pytest

from watchkeeper.handoff.stack import Stack, detect


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {
                "package.json": '{"dependencies": {"express": "4"}, "devDependencies": {"jest": "29", "x": 1}}',
                "tsconfig.json": "{}",
            },
            Stack(("TypeScript", "Node.js", "Express"), "Jest"),
        ),
        (
            {"pyproject.toml": '[project]\ndependencies = ["fastapi>=0.1"]\n[dependency-groups]\ndev = ["pytest>=9"]'},
            Stack(("Python", "FastAPI"), "pytest"),
        ),
        ({"Cargo.toml": '[dependencies]\naxum = "0.7"'}, Stack(("Rust", "Axum"), "cargo test")),
        ({"go.mod": "module x\nrequire github.com/gin-gonic/gin v1"}, Stack(("Go", "Gin"), "go test")),
        ({"package.json": "{broken"}, Stack(("Node.js",), "")),
        ({}, Stack((), "")),
    ],
    ids=["node", "python", "rust", "go", "broken", "nothing"],
)
def test_stacks(tmp_path: Path, files: dict[str, str], expected: Stack) -> None:
    """A project's own files tell its languages, frameworks and test framework."""
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert expected == detect(str(tmp_path))


def test_a_project_that_is_gone(tmp_path: Path) -> None:
    """Of a folder that is not there nothing is told."""
    assert Stack((), "") == detect(str(tmp_path / "gone"))
