"""macOS's launchd, spoken to by launchctl: the logged-in user's agents, which are files as well as loaded."""

from __future__ import annotations

import os
import plistlib
import time
from typing import TYPE_CHECKING, Any

from . import files
from .program import UnfitProgram
from .run import ProgramFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .host import Host
    from .run import Finished

_TIMEOUT_S = 15.0
# Unloading is done in the background: until then the same label cannot be loaded again.
_TRIES, _BETWEEN_S = 20, 0.2


class Launchctl:
    """The agents of the user who is logged in at the screen. What does not work raises ProgramFailed."""

    def __init__(self, host: Host, sleep: Callable[[float], None] = time.sleep) -> None:
        """`sleep` waits between two tries to load an agent."""
        self._host = host
        self._sleep = sleep
        self._folder = host.below_home("Library", "LaunchAgents")
        self._domain = f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"

    def unavailable(self) -> str | None:
        """Return why no agent can be loaded here, as the rest of a sentence; None if one can."""
        reason = self._host.lacks("darwin", "launchctl", "launchctl is not on the search path")
        if reason is not None:
            return reason
        try:
            self._run("print", self._domain)
        except ProgramFailed:
            return "you are not logged in at this Mac's screen"
        return None

    def path(self, label: str) -> str:
        """Return where the file of an agent is."""
        return os.path.join(self._folder, f"{label}.plist")

    def labels(self) -> set[str]:
        """Return the labels of all agents that have a file."""
        try:
            return {each.removesuffix(".plist") for each in os.listdir(self._folder) if each.endswith(".plist")}
        except OSError:
            return set()

    def loaded(self) -> set[str]:
        """Return the labels of all that launchd has loaded."""
        return {line.split("\t")[-1].strip() for line in self._run("list").stdout.splitlines()}

    def load(self, label: str, content: bytes) -> None:
        """Write an agent's file and load it; one that launchd refuses leaves no file."""
        path = self.path(label)
        files.put(path, content)
        for left in reversed(range(_TRIES)):
            try:
                self._run("bootstrap", self._domain, path)
            except ProgramFailed:
                if not left:
                    files.remove(path)
                    raise
                self._sleep(_BETWEEN_S)
            else:
                return

    def unload(self, label: str) -> bool:
        """End and forget an agent, loaded or not; return whether it had a file."""
        self._run("bootout", f"{self._domain}/{label}", accepted_codes=range(256))
        # The file goes last: without it the agent could not be found again.
        return files.remove(self.path(label))

    def _run(self, *words: str, accepted_codes: range = range(1)) -> Finished:
        return self._host.run(["launchctl", *words], timeout_s=_TIMEOUT_S, accepted_codes=accepted_codes)


def agent(label: str, argv: Sequence[str], environment: Mapping[str, str], **other: object) -> bytes:
    """Return the file of an agent as launchd.plist(5) wants it: XML, or binary where XML cannot hold a character.

    What the agent has started outlives it. Raise UnfitProgram for text that is not UTF-8.
    """
    told: dict[str, Any] = {
        "Label": label,
        "ProgramArguments": list(argv),
        "RunAtLoad": True,
        "AbandonProcessGroup": True,
        **other,
    }
    if environment:
        told["EnvironmentVariables"] = dict(environment)
    try:
        readable = plistlib.dumps(told)
        if plistlib.loads(readable) == told:
            return readable
    except ValueError:
        pass
    try:
        return plistlib.dumps(told, fmt=plistlib.FMT_BINARY)
    except UnicodeEncodeError as error:
        raise UnfitProgram("launchd takes no path that is not UTF-8") from error
