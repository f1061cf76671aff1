"""Watching over sessions from outside: readings kept fresh, warnings in time, sessions ended and restarted in order.

from watchkeeper.monitor import MonitorConfig, SessionManager, SessionMonitorDaemon, TokenTracker

usage = TokenTracker().get_current_usage("/path/of/the/project")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checkpoints import SessionManager as SessionManager
    from .daemon import SessionMonitorDaemon as SessionMonitorDaemon
    from .monitor_config import MonitorConfig as MonitorConfig
    from .tracker import TokenTracker as TokenTracker

_WHERE = {
    "MonitorConfig": "monitor_config",
    "SessionManager": "checkpoints",
    "SessionMonitorDaemon": "daemon",
    "TokenTracker": "tracker",
}

__all__ = ["MonitorConfig", "SessionManager", "SessionMonitorDaemon", "TokenTracker"]


def __getattr__(name: str) -> Any:
    """Load what is asked for: whoever looks at tokens needs no daemon."""
    from importlib import import_module

    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
