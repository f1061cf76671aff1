"""Settings that hold nothing where something is usual: taken as if it were not there, and left so."""

from __future__ import annotations

import json

import pytest

from tests.wiring.machine import Machine
from watchkeeper.wiring import hook_entries, settings_text, status_line_entry

ODD = {
    "empty": b"",
    "blank": b" \r\n\n",
    "byte order mark": b"\xef\xbb\xbf",
    "hooks null": b'{"hooks": null}',
    "hooks null among others": b'{\n\t"hooks" : null ,\r\n "a":1}',
    "event null": b'{"hooks": {"Stop": null, "PreToolUse": null}}',
    "handlers null": b'{"hooks": {"Stop": [{"matcher": "x", "hooks": null}]}}',
    "status line null": b'{\n  "statusLine": null,\n  "model": "opus"\n}\n',
    "all null": b'{"hooks":null,"statusLine":null}',
    "status line without type": b'{"statusLine":{"command":"echo x"}}',
    "status line with type null": b'{"statusLine": {"type": null, "command": "echo x", "padding": 1}}',
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_wired_and_taken_out_again(machine: Machine, content: bytes) -> None:
    """They are wired like any others, a second run changes nothing, and a removal gives the very bytes back."""
    machine.write_settings(content)

    machine.install()

    wired = machine.wired()
    assert 1 + len(hook_entries.SCRIPTS) == settings_text.count_ours(wired, machine.place.state_folders)
    assert status_line_entry.is_written(wired["statusLine"])
    assert "command" == wired["statusLine"]["type"]
    assert ("echo x" if b"echo x" in content else "") == machine.settings.get("status_line.passthrough", "")
    assert not machine.install()
    machine.uninstall()
    assert content == machine.client_settings.read_bytes()


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_taken_out_after_the_client_wrote_anew(machine: Machine, content: bytes) -> None:
    """When the client has rewritten them, what is left means the same as before."""
    machine.write_settings(content)
    machine.install()
    machine.write_settings(json.dumps(machine.wired(), indent=1))

    machine.uninstall()

    before = json.loads(content.decode("utf-8-sig").strip() or "{}")
    assert before == machine.wired()
