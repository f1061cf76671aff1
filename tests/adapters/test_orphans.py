"""What a child leaves behind with no sign of where it comes from is found by its being orphaned to this process."""

from __future__ import annotations

import sys

import pytest

from tests.support.processes import PythonRunner
from tests.support.tree import TREE

pytestmark = [
    pytest.mark.usefixtures("real_processes"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to who asks for them"),
]

# Two forks, a session of its own and no variable: nothing of it says who has started it.
ESCAPING = """if True:
    import os, sys
    if not os.fork():
        os.setsid()
        if os.fork():
            os._exit(0)
        os.execve(sys.executable, [sys.executable, "-I", "-c", "import time; time.sleep(600)"], {})
    os.wait()
"""
# A process of its own: being the parent of orphans is a property of the whole of it.
SCRIPT = """if True:
    import contextlib, subprocess, sys, time
    sys.path.insert(0, sys.argv[1])
    from watchkeeper.adapters import orphans, processes
    from watchkeeper.adapters.child import Child
    escaping, output, is_adopting = sys.argv[2], sys.argv[3], sys.argv[4] == "adopting"
    before = subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(600)"], start_new_session=True)
    adopting = orphans.adopting if is_adopting else contextlib.nullcontext
    with adopting():
        with adopting():
            pass
        child = Child([sys.executable, "-I", "-c", escaping], folder="/", output_path=output)
        assert child.wait(60) == 0
        escaped = child.family()
        left = child.stop({})
        child.close()
        ended = [not processes.is_alive(each) for each in escaped]
        zombies = len(orphans.own_children() or [None]) - 1
    print(len(escaped), len(left), ended, zombies, before.poll(), orphans.own_children())
    before.kill()
    before.wait()
"""


@pytest.mark.parametrize(
    ("how", "expected"),
    [("adopting", "1 0 [True] 0 None None"), ("alone", "0 0 [] 0 None None")],
)
def test_what_escapes_is_ended(run_python: PythonRunner, tmp_path: object, how: str, expected: str) -> None:
    """A process that adopts ends what has escaped its child, and nothing that it has started itself before."""
    done = run_python("-I", "-c", SCRIPT, str(TREE / "lib"), ESCAPING, f"{tmp_path}/output", how)

    assert (expected, "") == (done.stdout.strip(), done.stderr)
