"""Answers PreCompact: the conversation is about to be compacted."""

import os
import sys

# Started with this file's path as the only argument; `lib` stands beside `hooks` in the bundle.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(sys.argv[1])), "lib"))

from watchkeeper.compaction import main

main()
