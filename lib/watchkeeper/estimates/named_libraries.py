"""Libraries, frameworks and languages that a plan names, and those that a project uses already."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from . import libraries
from .work import FAMILIAR, LEARNING, NEW, library_key

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a whole project stands on: it is known or not, and nothing is added for it.
_STACK = """TypeScript JavaScript Python Ruby Golang Kotlin Scala Elixir Clojure Haskell PHP C++ C# SQL Bash PowerShell
    HTML CSS Node.js Deno Bun Django Rails Laravel Symfony Angular Vue.js Vue Nuxt Svelte SvelteKit Next.js React.js
    NestJS FastAPI ASP.NET .NET Flutter Android iOS Kubernetes Terraform Docker PostgreSQL Postgres MySQL SQLite
    MongoDB Tailwind"""
# Names that are also words: they count in this spelling only, and not at the beginning of a sentence.
_STACK_WORDS = "React Rust Go Java Swift Spring Flask Express Dart Phoenix Astro Solid"
_LIBRARIES = """Socket.IO Recharts Chart.js D3.js Three.js Highcharts ECharts Plotly Prisma Drizzle TypeORM Sequelize
    Mongoose SQLAlchemy Alembic Pydantic pandas NumPy SciPy PyTorch TensorFlow scikit-learn Matplotlib LangChain
    Playwright Cypress Vitest Mocha pytest Hypothesis Selenium Puppeteer Storybook Webpack Vite Rollup esbuild
    GraphQL Apollo tRPC gRPC Protobuf Redis RabbitMQ Kafka Celery Sidekiq BullMQ Stripe Twilio SendGrid Auth0 Firebase
    Supabase NextAuth Passport.js bcrypt jsonwebtoken Zod Yup Zustand Redux MobX RxJS TanStack Axios Lodash date-fns
    Luxon Leaflet Mapbox OpenLayers Sentry Prometheus Grafana OpenTelemetry Elasticsearch Meilisearch Electron Tauri
    Tokio Actix Axum Serde Diesel Hibernate JUnit Mockito RSpec PHPUnit Typer Jinja2 httpx aiohttp Boto3 Shadcn
    Radix Chakra Framer Vuetify Bootstrap SignalR Dapper xUnit NUnit Cobra GORM Ecto LiveView Pygal Textual"""
_LIBRARY_WORDS = "Jest Gin Echo Click Rich Bokeh Dash Pillow Requests Joi Fiber"
_WORD = re.compile(r"\.?[A-Za-z@][\w.+#@/-]*[\w+#]|[A-Za-z]")
_CLAIM = re.compile(
    r"\b(?P<how>unfamiliar|familiar|known|learning|new|first time)(?:\s+(?:with|to|in|the|framework|library))*\s+"
    r"(?P<name>\.?[A-Za-z][\w.+#-]*)",
    re.IGNORECASE,
)
_HOW = {"familiar": FAMILIAR, "known": FAMILIAR, "learning": LEARNING}
_MANIFESTS = """package.json pyproject.toml requirements.txt setup.py setup.cfg Pipfile Cargo.toml go.mod Gemfile
    composer.json pom.xml build.gradle build.gradle.kts mix.exs pubspec.yaml deno.json tsconfig.json""".split()
_MOST_BYTES = 512 << 10
_MOST_NAMES = 40


class Known(NamedTuple):
    """A name that stands for a library or a part of the stack."""

    name: str
    key: str
    is_stack: bool


class Named(NamedTuple):
    """What a text names, and what it says of how well that is known (by key)."""

    libraries: tuple[str, ...]
    stack: tuple[str, ...]
    claims: dict[str, str]


def _table() -> tuple[dict[str, Known], dict[str, Known]]:
    by_key: dict[str, Known] = {}
    by_word: dict[str, Known] = {}
    for names, is_stack in ((_STACK, True), (_LIBRARIES, False)):
        for name in names.split():
            by_key.setdefault(library_key(name) or name, Known(name, library_key(name), is_stack))
    for names, is_stack in ((_STACK_WORDS, True), (_LIBRARY_WORDS, False)):
        by_word.update({name: Known(name, library_key(name), is_stack) for name in names.split()})
    # Letters alone do not tell these apart.
    for name in ("C++", "C#"):
        by_key.pop(library_key(name), None)
        by_word[name] = Known(name, name.lower(), True)
    return by_key, by_word


_BY_KEY, _BY_WORD = _table()


def named_in(texts: Iterable[str]) -> Named:
    """Return what some lines name."""
    found: dict[str, Known] = {}
    claims: dict[str, str] = {}
    for text in texts:
        for match in _WORD.finditer(text):
            before = text[: match.start()].rstrip()
            known = _known(match[0], is_first=not before or before[-1] in ".!?")
            if known is not None and len(found) < _MOST_NAMES:
                found.setdefault(known.key, known)
        for key in libraries.installed(text):
            if len(found) < _MOST_NAMES:
                found.setdefault(key, _BY_KEY.get(key, Known(key, key, is_stack=False)))
        for claim in _CLAIM.finditer(text):
            known = _known(claim["name"].rstrip("."), is_first=False)
            if known is not None:
                claims[known.key] = _HOW.get(claim["how"].lower(), NEW)
                found.setdefault(known.key, known)
    return Named(
        tuple(each.name for each in found.values() if not each.is_stack),
        tuple(each.name for each in found.values() if each.is_stack),
        claims,
    )


def listed_in(text: str) -> tuple[str, ...]:
    """Return the names that a labelled line lists: `Socket.IO, Recharts and zod`."""
    parts = re.split(r",|;|\band\b|\+(?=\s)|&", text)
    names = (part.strip(" .`*_()") for part in parts)
    return tuple(name for name in names if library_key(name) and len(name) <= 60)[:_MOST_NAMES]


def keys_in_use(project: str) -> frozenset[str]:
    """Return the keys of everything that the manifests at the top of a project name."""
    keys: set[str] = set()
    for name in _MANIFESTS:
        path = os.path.join(project, name)
        try:
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                text = file.read(_MOST_BYTES).decode("utf-8", "replace")
        except OSError:
            continue
        keys.update(library_key(word) for word in re.findall(r"[\w.@/+-]+", text))
    return frozenset(key for key in keys if key)


def _known(word: str, is_first: bool) -> Known | None:
    exact = _BY_WORD.get(word)
    if exact is not None:
        return None if is_first and word.isalpha() else exact
    return _BY_KEY.get(library_key(word))
