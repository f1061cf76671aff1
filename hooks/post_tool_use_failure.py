"""Answers PostToolUseFailure: a tool call failed."""

import os
import sys

# Started with this file's path as the only argument; `lib` stands beside `hooks` in the bundle.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(sys.argv[1])), "lib"))

try:
    from watchkeeper.core.entry import main
except EOFError:
    # A full disk cut compiled files short: do without any this time, and without those from now on.
    sys.pycache_prefix = sys.argv[1]
    from watchkeeper.core.compiled_files import folders, remove_cut_short

    remove_cut_short(folders())
    from watchkeeper.core.entry import main

main("PostToolUseFailure")
