"""Libraries as code and commands tell them."""

from __future__ import annotations

import pytest

from watchkeeper.estimates.libraries import installed, mentioned


@pytest.mark.parametrize(
    ("path", "code", "keys"),
    [
        (
            "a.py",
            "import os\nimport httpx\nfrom pydantic.main import BaseModel\nfrom . import x",
            {"httpx", "pydantic"},
        ),
        ("a.tsx", "import { io } from 'socket.io-client/dist'\nimport fs from 'fs'", {"socketioclient"}),
        ("a.js", "const express = require(\"express\")\nimport('@scope/thing/sub')", {"express", "scopething"}),
        ("a.go", '"fmt"\n"github.com/spf13/cobra"\n"golang.org/x/term"\n"gopkg.in/yaml.v3"', {"cobra", "term", "yaml"}),
        ("a.go", '"github.com/go-git/go-git/v5/plumbing"', {"gogit"}),
        ("a.rs", "use tokio::sync::mpsc;\nuse std::io;\nuse crate::near;", {"tokio"}),
        ("a.ts", "import x from './near'", set()),
        ("a.md", "import httpx", set()),
        ("noextension", "import httpx", set()),
    ],
)
def test_imports(path: str, code: str, keys: set[str]) -> None:
    """Imports of others' libraries are found in the languages that are known, those of the language itself are not."""
    assert keys == set(mentioned(path, code))


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("npm install --save-dev vitest @types/node && npm test", {"vitest", "node"}),
        ("uv pip install 'httpx[http2]>=0.27' .", {"httpx"}),
        ("pip install httpx==0.27 rich", {"httpx", "rich"}),
        ("go get github.com/spf13/cobra@latest", {"cobra"}),
        ("cargo add tokio", {"tokio"}),
        ("npm run build", set()),
        ("pip install -r requirements.txt", set()),
    ],
)
def test_installed(command: str, keys: set[str]) -> None:
    """What a command line installs is found by name, its version left out."""
    assert keys == set(installed(command))
