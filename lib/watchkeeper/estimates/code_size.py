"""How large a project is: the lines of its source files, as git lists and counts them."""

from __future__ import annotations

import os

from watchkeeper.adapters.run import ProgramFailed, run
from watchkeeper.git import GIT

TIMEOUT_S = 2.0
# The count of one file is one line of the answer; a project that fills this is of the largest size anyway.
_MOST_BYTES = 8 << 20
_MOST_DIGITS = 18
_SOURCES = """py pyi js jsx mjs cjs ts tsx mts vue svelte astro rb go rs java kt kts scala swift m mm c h cc cpp cxx hpp
    cs fs vb php ex exs erl hs clj cljs lua pl pm r jl dart zig nim ml sql sh bash zsh ps1 css scss sass less html htm
    erb j2 graphql proto tf""".split()
_FOREIGN = """vendor/* */vendor/* node_modules/* */node_modules/* dist/* */dist/* third_party/* */third_party/* *.min.js
    *.min.css *.pb.go *_pb2.py *.generated.* */migrations/*""".split()


def lines_of_code(project: str, timeout_s: float = TIMEOUT_S) -> int | None:
    """Return how many lines the tracked source files of `project` have, None where git cannot tell in time."""
    if not project or not os.path.exists(os.path.join(project, ".git")):
        return None
    wanted = [f"*.{ending}" for ending in _SOURCES] + [f":(exclude){pattern}" for pattern in _FOREIGN]
    try:
        # An empty pattern is in every line, so its count is the number of lines; binary files are left out.
        counted = run(
            [*GIT, "grep", "--no-textconv", "-I", "-c", "-z", "-e", "", "--", *wanted],
            timeout_s=timeout_s,
            folder=project,
            accepted_codes=(0, 1),
            most_output_bytes=_MOST_BYTES,
        ).stdout
    except ProgramFailed:
        return None
    return total_of(counted)


def total_of(counted: str) -> int:
    """Return the sum of what `git grep -c -z` says: a path, a zero and a number for each file."""
    # A path can hold a line's end; behind the zero there are digits alone.
    numbers = (record.partition("\n")[0] for record in counted.split("\0")[1:])
    return sum(int(number) for number in numbers if number.isdecimal() and len(number) <= _MOST_DIGITS)
