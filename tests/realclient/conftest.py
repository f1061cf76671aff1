"""Fixtures of the tests in the real client: `client`, `stand_in`, `claude`, `plugin`. Mark such tests `realclient`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.realclient import session as sessions
from tests.realclient.client_install import ClientMissing, executable, without_client
from tests.realclient.plugin import Plugin, write_market
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn
from tests.support.environment import User


@pytest.fixture(scope="session")
def client() -> Path:
    """The real client's executable; a test that cannot have it is skipped, and fails where CI is set."""
    try:
        return executable()
    except ClientMissing as missing:
        reason = str(missing)
    return without_client(reason, os.environ)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """The API that this test's client talks to."""
    with StandIn() as running:
        yield running


@pytest.fixture
def claude(client: Path, stand_in: StandIn, home: User) -> Iterator[Claude]:
    """The real client as the made-up user of the `home` fixture, logged in with an API key."""
    with tempfile.TemporaryDirectory(prefix="wk-", ignore_cleanup_errors=True) as temporary:
        yield Claude(client, home, stand_in.url, Path(temporary))


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """The bundle in a folder of its own, which is a marketplace too."""
    folder = tmp_path / "market"
    write_market(folder)
    return folder


@pytest.fixture
def plugin(market: Path, claude: Claude, monkeypatch: pytest.MonkeyPatch) -> Plugin:
    """The plugin, installed; the client may run what its commands bring leave for, and nothing else."""
    monkeypatch.setattr(sessions, "_permissions", lambda: ["--permission-mode", "default"])
    return Plugin(claude, market)


@pytest.fixture
def plugin_with_packages(plugin: Plugin) -> Plugin:
    """The plugin after its first use."""
    plugin.borrow_packages()
    return plugin
