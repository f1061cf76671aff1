"""What a project is built with, as far as the files at its top level tell."""

from __future__ import annotations

import json
import os
import re
from typing import Any, NamedTuple

_MOST_BYTES = 512 << 10
_LANGUAGES = {
    "tsconfig.json": "TypeScript",
    "pyproject.toml": "Python",
    "requirements.txt": "Python",
    "setup.py": "Python",
    "Cargo.toml": "Rust",
    "go.mod": "Go",
    "Gemfile": "Ruby",
    "composer.json": "PHP",
    "pom.xml": "Java",
    "build.gradle": "Java",
    "build.gradle.kts": "Kotlin",
    "mix.exs": "Elixir",
    "pubspec.yaml": "Dart",
    "Package.swift": "Swift",
    "CMakeLists.txt": "C++",
    "deno.json": "Deno",
    "Dockerfile": "Docker",
}
# A dependency that says what kind of project it is, and what people call it.
_PACKAGES = {
    "react": "React", "next": "Next.js", "vue": "Vue", "nuxt": "Nuxt", "svelte": "Svelte", "@angular/core": "Angular",
    "solid-js": "Solid", "astro": "Astro", "express": "Express", "fastify": "Fastify", "@nestjs/core": "NestJS",
    "electron": "Electron", "socket.io": "Socket.IO", "prisma": "Prisma", "tailwindcss": "Tailwind",
    "django": "Django", "flask": "Flask", "fastapi": "FastAPI", "sqlalchemy": "SQLAlchemy", "pydantic": "Pydantic",
    "typer": "Typer", "click": "Click", "pandas": "pandas", "numpy": "NumPy", "torch": "PyTorch", "celery": "Celery",
    "axum": "Axum", "actix-web": "Actix", "tokio": "Tokio", "serde": "Serde", "clap": "clap",
    "github.com/gin-gonic/gin": "Gin", "github.com/spf13/cobra": "Cobra", "rails": "Rails", "sinatra": "Sinatra",
    "laravel/framework": "Laravel", "symfony/framework-bundle": "Symfony", "phoenix": "Phoenix",
}  # fmt: skip
_TESTERS = {
    "vitest": "Vitest", "jest": "Jest", "mocha": "Mocha", "@playwright/test": "Playwright", "cypress": "Cypress",
    "pytest": "pytest", "rspec": "RSpec", "rspec-rails": "RSpec", "minitest": "Minitest", "phpunit/phpunit": "PHPUnit",
    "junit": "JUnit", "junit-jupiter": "JUnit",
}  # fmt: skip
_OWN_TESTERS = {"Cargo.toml": "cargo test", "go.mod": "go test", "mix.exs": "ExUnit", "Package.swift": "XCTest"}
_WORD = re.compile(r"[@A-Za-z][\w@./-]*")


class Stack(NamedTuple):
    """What a project is built and tested with, by name."""

    tech: tuple[str, ...]
    testing: str


def detect(project: str) -> Stack:
    """Return what the files at the top level of `project` tell; nothing of a project that is not there."""
    tech: dict[str, None] = {}
    testers: dict[str, None] = {}
    for name, language in _LANGUAGES.items():
        text = _text(os.path.join(project, name))
        if text is not None:
            tech[language] = None
            _note(_WORD.findall(text.lower()), tech, testers)
            if name in _OWN_TESTERS:
                testers[_OWN_TESTERS[name]] = None
    package = _text(os.path.join(project, "package.json"))
    if package is not None:
        names = _node_packages(package)
        tech["Node.js"] = None
        _note(names, tech, testers)
    return Stack(tuple(tech), next(iter(testers), ""))


def _note(names: list[str], tech: dict[str, None], testers: dict[str, None]) -> None:
    # In the order of the tables, so that the same project always reads the same.
    known = {name.rstrip("./-") for name in names}
    tech.update(dict.fromkeys(shown for name, shown in _PACKAGES.items() if name in known))
    testers.update(dict.fromkeys(shown for name, shown in _TESTERS.items() if name in known))


def _node_packages(text: str) -> list[str]:
    try:
        manifest: Any = json.loads(text)
    except (ValueError, RecursionError):
        return []
    tables = [manifest.get(name) for name in ("dependencies", "devDependencies")] if isinstance(manifest, dict) else []
    return [str(name).lower() for table in tables if isinstance(table, dict) for name in table]


def _text(path: str) -> str | None:
    try:
        if not os.path.isfile(path):
            return None
        with open(path, "rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
