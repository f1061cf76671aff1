"""Reading a long history, as whole processes: `python tests/bench/usage_bench.py [--size-mb N]`.

Prints ratios measured in one run: the import of the whole history and a warm refresh, against `ccusage blocks --json
--offline` from npm where that can be had. Says whether the totals are the generator's own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "lib")]

from tests.bench.pairs import Command, timed
from tests.support.environment import clean_environ

CORPUS = ROOT.parent / "shared" / "bench" / "gen_corpus.py"
CCUSAGE = "ccusage@20.0.24"
KINDS = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cache_creation": "cache_creation_input_tokens",
    "cache_read": "cache_read_input_tokens",
}


def main() -> None:
    """Generate, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size-mb", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        generate = [sys.executable, str(CORPUS), "--home", str(home), "--size-mb", str(options.size_mb)]
        subprocess.run(generate, check=True, stdout=subprocess.DEVNULL)
        environ = clean_environ(os.environ, home)
        ours = [
            sys.executable,
            "-I",
            "-X",
            "utf8",
            str(ROOT / "lib" / "watchkeeper" / "__main__.py"),
            "usage",
            "--json",
        ]
        state = home / ".claude" / "watchkeeper"

        def forget() -> None:
            shutil.rmtree(state, ignore_errors=True)

        commands = [Command("whole history", ours, None, environ, forget), Command("warm refresh", ours, None, environ)]
        peer = ccusage(Path(folder))
        if peer:
            arguments = [peer, "blocks", "--json", "--offline"]
            commands.append(Command(CCUSAGE, arguments, None, environ))
        timings = timed(commands, options.rounds)
        for timing in timings:
            ratio = f"{timing.ratio_to(timings[2]):>10.2f}" if peer else ""
            print(f"{timing.command.name:20}{timing.median_s:>10.2f} s{timing.peak_mib:>10.0f} MiB{ratio}")
        print("totals exact:", totals(ours, environ) == truth(home))


def ccusage(folder: Path) -> str:
    """Return the native program of the peer from npm, nothing where it cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        return ""
    subprocess.run([npm, "install", "--silent", "--prefix", str(folder), CCUSAGE], check=False, cwd=folder)
    for path in folder.glob("node_modules/@ccusage/*/bin/ccusage"):
        path.chmod(0o755)
        return str(path)
    return ""


def totals(ours: list[str], environ: dict[str, str]) -> dict[str, int]:
    """Return what our command says was used."""
    answer = json.loads(subprocess.run(ours, env=environ, check=True, capture_output=True).stdout)
    return {kind: answer[name] for kind, name in KINDS.items()}


def truth(home: Path) -> dict[str, int]:
    """Return what the generator wrote."""
    written: dict[str, int] = json.loads((home / "ground_truth.json").read_text())["totals"]
    return written


if __name__ == "__main__":
    main()
