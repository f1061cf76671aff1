"""Answers SessionEnd: the session is over."""

import os
import sys

# Started with this file's path as the only argument; `lib` stands beside `hooks` in the bundle.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(sys.argv[1])), "lib"))

from watchkeeper.session_hooks import main

main("SessionEnd")
