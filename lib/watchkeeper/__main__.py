"""`watchkeeper`: background jobs, or the command line."""

import os
import sys

sys.path[:] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__))), *sys.path]

from watchkeeper import packages  # noqa: E402 - the path comes first

if __name__ == "__main__":
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
