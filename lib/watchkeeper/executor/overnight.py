"""Working through a list of tasks: where a run is kept, what it works with, and how it is asked to end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from watchkeeper.automation.doors import find_claude

from .attempt import Means
from .manager import ResourceManager
from .run import NO_WISHES, Run
from .run_folder import RunFolder, new_folder
from .run_record import begun, outcome_fields
from .told import Silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .run import Wishes
    from .run_record import RunRecord
    from .task import Task
    from .told import Listener


class OvernightExecutor:
    """Runs tasks one after the other, each a process of its own, inside what tokens, memory and heat allow."""

    def __init__(
        self,
        output_dir: str | os.PathLike[str] | None = None,
        resource_manager: ResourceManager | None = None,
        *,
        listener: Listener | None = None,
        claude: str | None = None,
    ) -> None:
        """Take where the run is kept, a folder below `runs` by default, and what watches the resources."""
        self.manager = resource_manager or ResourceManager()
        now = self.manager.world.now()
        self.output_dir = os.fspath(output_dir) if output_dir is not None else new_folder(self.manager.runs, now)
        self._listener: Listener = listener or Silent()
        self._claude = claude or find_claude(self.manager.environ)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask the run to end: what runs is ended gracefully, and everything is saved."""
        self._stopping.set()

    def execute_task_list(
        self, tasks: Sequence[Task], wishes: Wishes = NO_WISHES, source: str = ""
    ) -> list[dict[str, Any]]:
        """Work through the tasks and return the outcome of each, named as in the run's files.

        Raise UserError when another run is at work in the folder.
        """
        name = os.path.basename(os.path.normpath(self.output_dir))
        record = begun(name, source, tasks, self.manager.world.now())
        return self._results(self.work(record, wishes))

    def work(self, record: RunRecord, wishes: Wishes) -> RunRecord:
        """Work through what is open in the record, and return it as it is at the end."""
        with RunFolder(self.output_dir) as folder:
            run = Run(record, folder, self.manager, self._listener, self._means(wishes), wishes)
            run.take_up()
            run.work()
            return run.record

    def _means(self, wishes: Wishes) -> Means:
        manager = self.manager
        # The disk that has to hold what the run keeps is the one to watch.
        look = partial(manager.look, os.path.abspath(self.output_dir))
        stopping = self._stopping.is_set
        return Means(
            manager.world,
            look,
            manager.accounts,
            manager.settings,
            manager.paths,
            self._claude,
            stopping,
            wishes.look_s,
        )

    @staticmethod
    def _results(record: RunRecord) -> list[dict[str, Any]]:
        return [outcome_fields(record.outcomes[task.id]) for task in record.tasks]


def stopping_at_signals(executor: OvernightExecutor) -> None:
    """Let the first interrupt or request to end stop the run in order; a second one ends it as usual.

    A terminal that is closed stops it in order too: what runs would go on with nobody to watch it. It may say so twice.
    """

    def stop(number: int, _: object) -> None:
        executor.stop()
        if number not in (signal.SIGINT, signal.SIGTERM):
            return
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, stop)
