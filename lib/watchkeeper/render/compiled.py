"""Compiled templates, kept beside their sources as Python keeps its own: compiling one takes longer than filling it."""

from __future__ import annotations

import contextlib
import os

import jinja2

# What compiled code depends on besides the template, which Jinja itself watches.
_ASKED_WHILE_COMPILING = ("engine.py", "ink.py", "columns.py")


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """A cache that can be kept anywhere or not at all: where it cannot be written nothing is kept."""

    def __init__(self, folder: str) -> None:
        """Keep compiled templates below `folder`."""
        super().__init__(os.path.join(folder, "__pycache__"), "%s.jinja")
        here = os.path.dirname(os.path.abspath(__file__))
        self._engine = "".join(str(os.stat(os.path.join(here, name)).st_mtime_ns) for name in _ASKED_WHILE_COMPILING)

    def get_source_checksum(self, source: str) -> str:
        """Return what must be the same for compiled code to be used."""
        return super().get_source_checksum(source + self._engine)

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Fill in the code that was kept, if there is any."""
        with contextlib.suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Keep compiled code for the next time."""
        # A plugin's folder can be read-only: then templates are compiled each time.
        with contextlib.suppress(OSError):
            os.makedirs(self.directory, exist_ok=True)
            super().dump_bytecode(bucket)
