"""The first use of the plugin: its packages are fetched while a person looks on, and what goes wrong is told."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import psutil
import pytest

from tests.realclient.plugin import Plugin, wait_for
from tests.realclient.session import Claude
from tests.realclient.stand_in import StandIn

pytestmark = pytest.mark.realclient

MADE_TIMEOUT_S = 240.0
REFUSED_TIMEOUT_S = 60.0
STARTED = "takes about a minute, once. Then type this again."
STATUS = "/watchkeeper:session-status"
# With PIP_FIND_LINKS a machine's own folder of packages would do in place of the network.
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/nowhere", "UV_OFFLINE": "1"}


def test_without_a_network_the_first_use_says_so(plugin: Plugin, claude: Claude, stand_in: StandIn) -> None:
    """Where its packages cannot be fetched, the next use tells why in a sentence; nothing goes to the model."""
    claude.environment |= {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}

    first = plugin.answer("plan-next-session")
    reason = wait_for(plugin.problem, REFUSED_TIMEOUT_S)
    second = plugin.answer("session-status")

    assert "making its Python environment" in first
    assert re.fullmatch(r"The environment could not be made \(.*\): check the network .*install\.log\.", reason)
    assert f"{reason} Watchkeeper tries once more now." in second
    assert [] == stand_in.exchanges()


@pytest.mark.slow
def test_it_is_made_once_there_is_a_network(plugin: Plugin, claude: Claude, stand_in: StandIn) -> None:
    """Refused at first, it is made when a command is typed again, which meanwhile tells how far it is."""
    with claude.terminal(environment=OFFLINE) as terminal:
        terminal.wait_ready()
        terminal.submit(STATUS)
        terminal.wait_for(STARTED)
        wait_for(plugin.problem, REFUSED_TIMEOUT_S)
        refused_at = plugin.refused_at()
        terminal.submit(STATUS)
        terminal.wait_for("check the")
        wait_for(lambda: plugin.refused_at() > refused_at, REFUSED_TIMEOUT_S)
        terminal.quit()

    with claude.terminal() as terminal:
        terminal.wait_ready()
        terminal.submit(STATUS)
        wait_for(plugin.progress, MADE_TIMEOUT_S)
        terminal.submit(STATUS)
        terminal.wait_for(re.compile(r"environment: (\d+ of \d+ packages so far|installing \d+ packages)\."))
        wait_for((plugin.data / "venv").exists, MADE_TIMEOUT_S)
        terminal.submit(STATUS)
        terminal.wait_for("Token quota")
        terminal.quit()

    assert "" == plugin.problem() == plugin.progress()
    assert [] == stand_in.exchanges()


@pytest.mark.slow
def test_what_was_killed_is_made_again(plugin: Plugin, claude: Claude, stand_in: StandIn) -> None:
    """Half of an environment is never used: the next command typed has it made at once, and nothing half stays."""
    plugin.answer("session-status")
    wait_for(lambda: re.match("[1-9]", plugin.progress()), MADE_TIMEOUT_S)
    os.killpg(_maker(plugin.market), signal.SIGKILL)
    assert plugin.progress()

    assert STARTED in plugin.answer("session-status")
    wait_for((plugin.data / "venv").exists, MADE_TIMEOUT_S)
    assert "Token quota" in plugin.answer("session-status")
    assert ["logs", "venv", "venv.lock"] == sorted({"logs", *os.listdir(plugin.data)})
    assert [] == stand_in.exchanges()


def _maker(market: Path) -> int:
    """The process that makes the environment, which leads a group of its own."""
    words = [str(market / "lib" / "watchkeeper" / "__main__.py"), "job", "environment"]
    [found] = [each.pid for each in psutil.process_iter(["cmdline"]) if (each.info["cmdline"] or [])[-3:] == words]
    return found
