"""`watchkeeper`: background jobs, or the command line."""

import os
import sys

sys.path[:] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__))), *sys.path]

from watchkeeper import packages  # noqa: E402 - the path comes first


def _complete_streams() -> None:
    # A closed one is None, and the next file that is opened would take its place.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open until the end
        elif mode == "w":
            # What the terminal's encoding lacks is no reason to say nothing.
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    _complete_streams()
    if sys.argv[1:] == ["job", "environment"]:
        # The one job that has to do without the packages: it fetches them.
        from watchkeeper import first_use

        sys.exit(first_use.main())
    if not packages.make_importable():
        sys.stderr.write("watchkeeper: its Python packages are missing; run install.py again to repair it.\n")
        sys.exit(1)
    if sys.argv[1:2] == ["job"]:
        from watchkeeper.jobs import main as run_jobs

        sys.exit(run_jobs(sys.argv[2:]))
    from watchkeeper.cli import main

    sys.exit(main(sys.argv[1:]))
