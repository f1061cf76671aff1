"""The daemon as a service of the system: installed, shown, taken out."""

from __future__ import annotations

import pytest

from tests.commands.scene import Scene
from watchkeeper.adapters.service.failing import FailingService
from watchkeeper.adapters.service.recording import RecordingService
from watchkeeper.errors import UserError
from watchkeeper.monitor import control


def test_installed_and_taken_out(scene: Scene) -> None:
    """It runs the daemon in the foreground, for this configuration directory, with the user's search path."""
    service = RecordingService()
    app = scene.app(environ={"PATH": "/usr/bin", "CLAUDECODE": "1"})

    assert "recording" == control.install(app, [service])

    assert service.program is not None
    assert ("monitor", "start", "--foreground", "--config-dir", app.paths.config) == service.program.argv[-5:]
    assert "/usr/bin" == service.program.environment["PATH"]
    assert "CLAUDECODE" not in service.program.environment
    assert ["recording"] == control.uninstall(app, [service])
    assert [] == control.uninstall(app, [service])


@pytest.mark.parametrize("says_so", [True, False], ids=["unavailable", "refused"])
def test_where_there_is_none(scene: Scene, says_so: bool) -> None:
    """The reason is told, and what does without."""
    with pytest.raises(UserError, match=r"switched off.*monitor start"):
        control.install(scene.app(), [FailingService("it is switched off", says_so)])
