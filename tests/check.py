"""The one command: makes its own environment, then checks formatting, lint, types and behaviour.

    python3 tests/check.py [--all] [--fix] [-k EXPRESSION] [anything else pytest understands]

Standard library only. The environment is kept in the git-ignored .cache of the checkout, or where
WATCHKEEPER_TEST_CACHE says, under a name made of the Python version and the lock files' hash.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOCK_FILES = [os.path.join(ROOT, "requirements.lock"), os.path.join(ROOT, "tests", "requirements-dev.lock")]
TYPED = ["lib/watchkeeper", "hooks", "commands", "tests", "install.py"]
PROCESSES = 2
OLDEST = (3, 10)
STALE_AFTER_S = 30 * 86_400


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Check formatting, lint, types and behaviour.",
        epilog="Everything else (-k EXPRESSION, a path) goes to pytest.",
        allow_abbrev=False,
    )
    parser.add_argument("--all", action="store_true", help="run the long suites too")
    parser.add_argument("--fix", action="store_true", help="correct formatting and lint where that is safe")
    options, for_pytest = parser.parse_known_args()
    missing = missing_from_python()
    if missing:
        print(missing, file=sys.stderr)
        return 1

    cache = os.path.abspath(os.environ.get("WATCHKEEPER_TEST_CACHE") or os.path.join(ROOT, ".cache"))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ["WATCHKEEPER_TEST_CACHE"] = cache
    started = time.monotonic()
    try:
        python = environment(cache, environ)
    except subprocess.CalledProcessError as error:
        report("environment", started, "FAILED", error.output)
        print("The test environment could not be made: pip's reason is above.", file=sys.stderr)
        return 1
    report("environment", started, "ok")

    failed = [name for name, tool in steps(options.fix).items() if not passes(name, [python, "-m", *tool], environ)]
    if failed:
        environ["WATCHKEEPER_TEST_FAILED_STEPS"] = ", ".join(failed)
    pytest = [python, "-m", "pytest", "-n", str(PROCESSES), "--dist", "loadfile"]
    every = ["-m", ""] if options.all else []
    tests = subprocess.run([*pytest, *every, *for_pytest], cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, check=False)
    return 1 if failed or tests.returncode else 0


def steps(fix: bool) -> dict[str, list[str]]:
    """Return what is run before the tests, by name, each as the words after `python -m`."""
    typed = [place for place in TYPED if holds_python(os.path.join(ROOT, place))]
    product = [place for place in typed if place != "tests"]
    ruff = ["--output-format=concise", "--quiet", "."]
    mypy = ["mypy", "--strict", "--no-error-summary"]
    # What is to be ignored on one system may be right on the other.
    windows = ["--platform=win32", "--no-warn-unused-ignores", "--cache-dir=.cache/mypy-windows"]
    return {
        "lint": ["ruff", "check", *(["--fix"] if fix else []), *ruff],
        "formatting": ["ruff", "format", *([] if fix else ["--check"]), *ruff],
        "types": [*mypy, *typed],
        # No test here runs the other system's branches.
        "types (Windows)": [*mypy, *windows, *product],
    }


def missing_from_python() -> str | None:
    """Return the sentence that says why this Python cannot make the environment, or None."""
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return (
            f"The tests need Python {wanted} or newer, and this is {sys.version.split()[0]}: run them with a newer one."
        )
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        return "This Python has no venv: install it (on Debian: apt-get install python3-venv) and run this again."
    return None


def environment(cache: str, environ: dict[str, str]) -> str:
    """Return the Python of the environment that the lock files describe, made in `cache` if it is not there yet.

    Raise CalledProcessError with what pip said. It is made aside and moved into place when it is whole, so two checks
    at once, or one that was interrupted, leave no half environment. It is only ever used as `python -m`: the paths
    inside its scripts are those of the place it was made in.
    """
    key = hashlib.sha256(f"{sys.version} {sys.base_prefix}".encode())
    for path in LOCK_FILES:
        with open(path, "rb") as lock:
            key.update(lock.read())
    folder = os.path.join(cache, "env-{}.{}-{}".format(*sys.version_info[:2], key.hexdigest()[:12]))
    python = os.path.join(folder, *python_in_environment())
    if not os.path.exists(python):
        print("environment: installing, this takes a minute", flush=True)
        os.makedirs(cache, exist_ok=True)
        remove_stale(cache)
        # What is left where the Python it was made from is gone.
        shutil.rmtree(folder, ignore_errors=True)
        aside = tempfile.mkdtemp(prefix="env-aside-", dir=cache)
        try:
            quietly([sys.executable, "-m", "venv", aside], environ)
            install = [os.path.join(aside, *python_in_environment()), "-m", "pip", "install", "--quiet", "--no-input"]
            locks = [word for path in LOCK_FILES for word in ("--requirement", path)]
            quietly([*install, "--disable-pip-version-check", "--require-hashes", *locks], environ)
            try:
                os.rename(aside, folder)
            except OSError:
                # Another check was faster.
                if not os.path.exists(python):
                    raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    os.utime(folder)
    return python


def python_in_environment() -> tuple[str, str]:
    return ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")


def remove_stale(cache: str) -> None:
    for entry in os.scandir(cache):
        if entry.name.startswith("env-") and time.time() - entry.stat().st_mtime > STALE_AFTER_S:
            shutil.rmtree(entry.path, ignore_errors=True)


def quietly(command: list[str], environ: dict[str, str]) -> None:
    subprocess.run(
        command,
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=True,
    )


def passes(name: str, command: list[str], environ: dict[str, str]) -> bool:
    started = time.monotonic()
    try:
        quietly(command, environ)
    except subprocess.CalledProcessError as error:
        report(name, started, "FAILED", error.output)
        return False
    report(name, started, "ok")
    return True


def report(name: str, started: float, verdict: str, output: str = "") -> None:
    print(f"{name:<16}{time.monotonic() - started:6.1f} s  {verdict}", flush=True)
    if output:
        print(output.rstrip(), flush=True)


def holds_python(place: str) -> bool:
    return os.path.isfile(place) or any(name.endswith(".py") for _, _, names in os.walk(place) for name in names)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
