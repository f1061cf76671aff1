"""Which commands test, check or build something. Standard library only: what reads all history asks this too."""

from __future__ import annotations

import re

_CHECK = re.compile(
    r"\b(pytest|unittest|tox|nox|jest|vitest|mocha|rspec|phpunit|ctest|ruff|mypy|eslint|tsc|clippy|golangci-lint"
    r"|gradlew? \S*(?:test|check|build)|mvn \S*(?:test|verify)|playwright test|cypress run|check\.py"
    r"|(?:go|cargo|npm|pnpm|yarn|bun|deno|dotnet|swift|make|just|mise run|task|rake|mix|sbt|bazel|zig build)"
    r" (?:run )?[\w:-]*(?:test|lint|check|build|vet)[\w:-]*)",
)


def is_check(command: str) -> bool:
    """Return whether a command tests, checks or builds something."""
    return bool(_CHECK.search(command))
