#!/usr/bin/env python3
"""Installs, updates and removes Watchkeeper; needs nothing but Python 3.10 or newer."""

import os
import sys

if sys.version_info < (3, 10):
    here = ".".join(map(str, sys.version_info[:2]))
    sys.stderr.write(
        "Watchkeeper needs Python 3.10 or newer, and this is " + here + ": run install.py with a newer one.\n"
    )
    raise SystemExit(1)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from watchkeeper.wiring.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], ask=input if sys.stdin is not None and sys.stdin.isatty() else None))
