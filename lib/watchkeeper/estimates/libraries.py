"""Which libraries a piece of code uses and a command installs, as far as their text tells."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from .work import library_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SCANNED_CHARACTERS = 20_000
_PYTHON = re.compile(r"^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import|import[ \t]+([A-Za-z_]\w*))", re.MULTILINE)
_SCRIPT = re.compile(r"(?:\bfrom|\brequire\(|\bimport\(?)\s*[\"']((?:@[\w.-]+/)?[A-Za-z][\w.-]*)(?:/[^\"'\n]*)?[\"']")
_GO = re.compile(r"\"([a-z][\w-]*(?:\.[\w-]+)+/[\w.-]+(?:/[\w.-]+)?)[^\"\s]*\"")
_GO_HOSTS = ("github.com/", "gitlab.com/", "bitbucket.org/", "golang.org/x/", "google.golang.org/")
_RUST = re.compile(r"^[ \t]*use[ \t]+([a-z_][a-z0-9_]*)::", re.MULTILINE)
_INSTALL = re.compile(
    r"\b(?:(?:npm|pnpm|yarn|bun)\s+(?:install|i|add)|(?:uv\s+)?pip3?\s+install|(?:uv|poetry|cargo)\s+add|go\s+get)"
    r"\s+([^&|;<>\n]+)"
)
_PACKAGE = re.compile(r"(?:@[\w.-]+/)?[A-Za-z][\w./-]*")
_LANGUAGES = {
    ".py": "python", ".ts": "script", ".tsx": "script", ".js": "script", ".jsx": "script", ".mjs": "script",
    ".vue": "script", ".svelte": "script", ".go": "go", ".rs": "rust",
}  # fmt: skip
_NODE_OWN = frozenset(
    "assert buffer child_process cluster console crypto dgram dns events fs http http2 https net os path perf_hooks"
    " process querystring readline stream string_decoder timers tls tty url util v8 vm worker_threads zlib".split()
)
_RUST_OWN = frozenset(("std", "core", "alloc", "crate", "super", "self"))
_FILES = (".txt", ".toml", ".whl", ".tgz", ".gz", ".zip")
_SHORTEST = 3


def mentioned(path: str, code: str) -> Iterator[str]:
    """Yield the keys of the libraries that a piece of code in the file `path` imports, the language's own left out."""
    language = _LANGUAGES.get(path[path.rfind(".") :].lower())
    code = code[:_SCANNED_CHARACTERS]
    if language == "python":
        names = [one or other for one, other in _PYTHON.findall(code)]
        yield from _keys(name for name in names if name not in sys.stdlib_module_names)
    elif language == "script":
        yield from _keys(name for name in _SCRIPT.findall(code) if name not in _NODE_OWN)
    elif language == "go":
        yield from _keys(_go_name(found) for found in _GO.findall(code))
    elif language == "rust":
        yield from _keys(name for name in _RUST.findall(code) if name not in _RUST_OWN)


def installed(command: str) -> Iterator[str]:
    """Yield the keys of the libraries that a command line installs."""
    for words in _INSTALL.findall(command):
        for word in words.replace("'", " ").replace('"', " ").split():
            match = _PACKAGE.match(word)
            if match and not word.endswith(_FILES):
                yield from _keys((match[0].rsplit("/", 1)[-1],))


def _go_name(path: str) -> str:
    parts = path.split("/")
    place = 2 if path.startswith(_GO_HOSTS) and len(parts) > 2 else 1
    return re.sub(r"\.v\d+$", "", parts[place])


def _keys(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        key = library_key(name)
        if len(key) >= _SHORTEST:
            yield key
