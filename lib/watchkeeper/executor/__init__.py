"""Working through a list of tasks unattended, inside what machine and quota allow.

from watchkeeper.executor import OvernightExecutor, ResourceManager

manager = ResourceManager(max_ram_gb=3.7, target_available_ram_gb=2.4)
results = OvernightExecutor(output_dir="output", resource_manager=manager).execute_task_list(tasks)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .manager import ResourceManager as ResourceManager
    from .manager import SessionStrategy as SessionStrategy
    from .overnight import OvernightExecutor as OvernightExecutor
    from .run_record import Snapshot as ResourceSnapshot
    from .task import Estimate as TaskResourceEstimate
    from .task import Task as Task

_WHERE = {
    "OvernightExecutor": ("overnight", "OvernightExecutor"),
    "ResourceManager": ("manager", "ResourceManager"),
    "ResourceSnapshot": ("run_record", "Snapshot"),
    "SessionStrategy": ("manager", "SessionStrategy"),
    "Task": ("task", "Task"),
    "TaskResourceEstimate": ("task", "Estimate"),
}

__all__ = [
    "OvernightExecutor",
    "ResourceManager",
    "ResourceSnapshot",
    "SessionStrategy",
    "Task",
    "TaskResourceEstimate",
]


def __getattr__(name: str) -> Any:
    """Load what is asked for: whoever reads a task list needs no processes."""
    from importlib import import_module

    try:
        module, member = _WHERE[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    return getattr(import_module(f"{__name__}.{module}"), member)
