"""`watchkeeper`: background jobs, or the command line."""

import os
import sys

sys.path[:] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__))), *sys.path]


def _complete_streams() -> None:
    # A closed one is None, and the next file that is opened would take its place.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open until the end
        elif mode == "w":
            # What the terminal's encoding lacks is no reason to say nothing.
            stream.reconfigure(errors="replace")


def _run() -> int:
    from watchkeeper import packages

    if sys.argv[1:] == ["job", "environment"]:
        # The one job that has to do without the packages: it fetches them.
        from watchkeeper import first_use

        return first_use.main()
    if not packages.make_importable():
        sys.stderr.write("watchkeeper: its Python packages are missing; run install.py again to repair it.\n")
        return 1
    if sys.argv[1:2] == ["job"]:
        from watchkeeper.jobs import main as run_jobs

        return run_jobs(sys.argv[2:])
    from watchkeeper.cli import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    _complete_streams()
    try:
        code = _run()
    except EOFError:
        # As in hooks/: a full disk cut compiled files short.
        sys.pycache_prefix = __file__
        from watchkeeper.core import compiled_files

        compiled_files.remove_cut_short(compiled_files.folders())
        code = _run()
    sys.exit(code)
