"""The tree keeps its shape: which way imports point, which file reaches what, what belongs together."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest
import tomlkit

import watchkeeper
from tests.support.processes import PythonRunner
from tests.support.tree import (
    LIBRARY,
    PACKAGE,
    TREE,
    imports,
    python_files,
    room_of,
    rooms_imported,
    syntax,
    uses,
)

PRODUCT = ("lib/watchkeeper", "hooks", "commands", "install.py")
SCRIPTS = ("hooks", "commands")
STANDARD = sys.stdlib_module_names | {PACKAGE}

# Rooms whose imports are settled; every other room may import what makes no circle.
MAY_IMPORT = {
    "core": {"core"},
    "errors": {"errors"},
    "wiring": {"wiring", "core", "errors"},
    "adapters": {"adapters", "core", "errors"},
    "transcripts": {"transcripts", "core", "errors"},
    "config": {"config", "core", "errors"},
}
BARE_PYTHON = ("lib/watchkeeper/core", "lib/watchkeeper/wiring", "lib/watchkeeper/errors.py", "hooks", "install.py")

# What the hot ring cannot afford, by its price in milliseconds of every tool call.
TOO_SLOW_FOR_HOOKS = """argparse asyncio concurrent.futures dataclasses datetime email http importlib.metadata
    importlib.resources inspect logging multiprocessing pathlib platform shutil socket sqlite3 subprocess tempfile
    tomllib typing urllib.parse uuid icalendar jinja2 orjson psutil pydantic rich tomlkit typer""".split()

# One door per effect: what is reached, and the only files that reach it.
DOORS = {
    "subprocess": {
        "adapters/child.py",
        "adapters/run.py",
        "adapters/start.py",
        "core/detach.py",
        "core/passthrough.py",
        "wiring/programs.py",
    },
    "os.system": set(),
    "os.environ": {"core/paths.py"},
    "os.getenv": set(),
    "os.path.expanduser": {"core/paths.py"},
    "time.time": {"core/clock.py"},
    "datetime.datetime.now": set(),
    "sqlite3.connect": {"core/store.py"},
    "_sqlite3": {"core/store.py"},
    "ctypes": {"adapters/orphans.py"},
    "socket": set(),
    "urllib.request": set(),
    "http.client": set(),
}

ENTRY_POINTS = [
    f"{PACKAGE}.core.{name}"
    for name in ("entry", "pipeline", "status_line")
    if (LIBRARY / "core" / f"{name}.py").exists()
]
COMMANDS = sorted(path.stem for path in (TREE / "commands").glob("*.md"))
LOCK_FILES = ("requirements.lock", "requirements-mcp.lock", "tests/requirements-dev.lock")
LONGEST_MODULE_LINES = 400
LONGEST_HOOK_LINES = 25


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def name_of(path: Path) -> str:
    return path.relative_to(TREE).as_posix()


def test_rooms_import_what_they_may() -> None:
    """The hot ring imports nothing but itself, and each settled room only what the table says."""
    wrong = [
        str(each)
        for path in python_files("lib/watchkeeper")
        for room, each in rooms_imported(path)
        if room not in MAY_IMPORT.get(room_of(path), {room})
    ]

    assert [] == wrong


def test_rooms_make_no_circle() -> None:
    """Imports between rooms point one way."""
    below: dict[str, set[str]] = defaultdict(set)
    for path in python_files("lib/watchkeeper"):
        below[room_of(path)] |= {room for room, _ in rooms_imported(path)} - {room_of(path)}
    while free := [room for room, needed in below.items() if not needed & below.keys()]:
        for room in free:
            del below[room]

    assert {} == dict(below)


def test_bare_python_rooms_use_the_standard_library_only() -> None:
    """What hooks and the installer run needs nothing that is installed."""
    foreign = [
        str(each)
        for path in python_files(*BARE_PYTHON)
        for each in imports(path)
        if each.module.split(".")[0] not in STANDARD
    ]

    assert [] == foreign


def test_product_imports_only_what_it_declares() -> None:
    """Nothing that is installed for the tests only is imported by what is shipped."""
    # pydantic's error types live in pydantic_core, which it pins exactly, and mcp's messages in mcp_types;
    # markdown-it-py is imported as markdown_it.
    declared = (
        {name.replace("-", "_") for name in _dependencies("mcp")}
        | STANDARD
        | {"commands", "pydantic_core", "mcp_types", "markdown_it"}
    )
    undeclared = [
        str(each)
        for path in python_files(*PRODUCT)
        for each in imports(path)
        if each.module.split(".")[0] not in declared
    ]

    assert [] == undeclared


@pytest.mark.parametrize("effect", DOORS)
def test_each_effect_has_one_door(effect: str) -> None:
    """Programs, clock, environment, databases and network are reached in their own files only."""
    doors = {f"lib/watchkeeper/{door}" for door in DOORS[effect]}
    reached = {
        f"{name_of(path)}:{line}"
        for path in python_files(*PRODUCT)
        if name_of(path) not in doors
        for name, line in uses(path)
        if name == effect or name.startswith(f"{effect}.")
    }

    assert set() == reached


@pytest.mark.skipif(not ENTRY_POINTS, reason="the hot ring is not there")
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_hot_ring_loads_nothing_slow(run_python: PythonRunner, entry_point: str) -> None:
    """What a hook and the status line import, as they are started, is nothing that they cannot afford."""
    script = f"""if True:
        import sys
        before = set(sys.modules)
        sys.path.insert(0, {str(LIBRARY.parent)!r})
        import {entry_point}
        print(*sorted(set(sys.modules) - before))
    """

    done = run_python("-I", "-S", "-X", "utf8", "-c", script)

    assert "" == done.stderr
    loaded = set(done.stdout.split())
    assert entry_point in loaded
    assert set() == loaded & set(TOO_SLOW_FOR_HOOKS)


@pytest.mark.parametrize(
    ("version", "places"),
    [
        pytest.param((3, 9), ("hooks", "lib/watchkeeper/core"), id="hooks and hot ring on 3.9"),
        pytest.param((3, 7), ("install.py", "tests/check.py"), id="the two commands say on 3.7 that it is too old"),
    ],
)
def test_old_pythons_can_parse(version: tuple[int, int], places: tuple[str, ...]) -> None:
    """Files that an older Python may meet are in a syntax it knows, annotations being strings."""
    for path in python_files(*places):
        module = ast.parse(path.read_text(encoding="utf-8"), name_of(path), feature_version=version)

        assert _has_no_live_annotations(module), name_of(path)


def test_modules_are_short() -> None:
    """No module of the library, the commands, the hooks or the tests needs scrolling through many screens."""
    files = python_files("lib", "hooks", "commands", "tests")

    assert {} == {name_of(path): lines_of(path) for path in files if lines_of(path) >= LONGEST_MODULE_LINES}
    assert {} == {
        name_of(path): lines_of(path) for path in python_files("hooks") if lines_of(path) > LONGEST_HOOK_LINES
    }


def test_every_module_states_its_job() -> None:
    """Each module of the library, each command and each hook starts with a docstring."""
    silent = [name_of(path) for path in python_files(*PRODUCT) if not ast.get_docstring(syntax(path))]

    assert [] == silent


def test_scripts_shadow_nothing() -> None:
    """A script's folder comes first on its import path, so no script has a standard module's name or is a package."""
    names = {name_of(path): path.stem for path in python_files(*SCRIPTS)}

    assert [] == [file for file, name in names.items() if name in sys.stdlib_module_names or name == "__init__"]


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_whole(command: str) -> None:
    """A slash command has its Typer command, a template, a test and a row in the README, and costs no context."""
    name = command.replace("-", "_")
    needed = {
        "command": TREE.glob(f"commands/{name}.py"),
        "template": TREE.glob(f"templates/**/{command.replace('-', '[-_]')}.*"),
        "test": TREE.glob(f"tests/**/test_{name}*.py"),
    }

    assert [] == [what for what, found in needed.items() if not any(found)]
    assert "disable-model-invocation: true" in (TREE / "commands" / f"{command}.md").read_text(encoding="utf-8")
    assert f"/{command}" in (TREE / "README.md").read_text(encoding="utf-8")


def test_commands_folder_holds_commands_only() -> None:
    """The client takes every Markdown file in commands/ for a command."""
    assert [] == [name for name in COMMANDS if not re.fullmatch("[a-z]+(-[a-z]+)*", name)]


@pytest.mark.skipif(not (TREE / "hooks" / "hooks.json").exists(), reason="the plugin's wiring is not there")
def test_plugin_wires_every_hook() -> None:
    """The plugin's static wiring names each hook script, and no other."""
    wiring = (TREE / "hooks" / "hooks.json").read_text(encoding="utf-8")
    # The status line is not a hook event; a plugin cannot wire it.
    scripts = {path.name for path in python_files("hooks")} - {"status_line.py"}

    # Its command line has to be short, so this one is started by a script.
    starter = (TREE / "hooks" / "pre-compact").read_text(encoding="utf-8")

    assert scripts == set(re.findall(r"hooks/(\w+\.py)", wiring)) | set(re.findall(r"/(\w+\.py)", starter))
    assert "hooks/pre-compact" in wiring


def test_versions_agree() -> None:
    """One version, wherever it is written."""
    versions = {"pyproject.toml": tomlkit.parse(_read("pyproject.toml")).unwrap()["project"]["version"]}
    for manifest in sorted(TREE.glob(".claude-plugin/*.json")):
        found = re.findall(r'"version"\s*:\s*"([^"]*)"', manifest.read_text(encoding="utf-8"))
        versions |= {f"{manifest.name} {index}": version for index, version in enumerate(found)}
    if (TREE / "CHANGELOG.md").exists():
        newest = re.search(r"^## \[?(\d[^\s\]]*)", _read("CHANGELOG.md"), re.MULTILINE)
        versions |= {"CHANGELOG.md": newest[1]} if newest else {}

    assert dict.fromkeys(versions, watchkeeper.__version__) == versions


def test_dependencies_and_exceptions_have_reasons() -> None:
    """Each dependency, each rule that is switched off and each marker says in a comment or a word why it is there."""
    entries = re.findall(r'^    "[^"]+",.*$', _read("pyproject.toml"), re.MULTILINE)
    bare = [entry for entry in entries if not re.search(r"# \S|: \S", entry)]

    assert entries
    assert [] == bare


@pytest.mark.parametrize("name", LOCK_FILES)
def test_lock_files_name_no_host(name: str) -> None:
    """Lock files hold versions and hashes for every platform, and no registry's address."""
    text = _read(name)
    pins = re.findall(r"^[a-z].*$", text, re.MULTILINE)

    assert "://" not in text
    assert [] == [pin for pin in pins if "==" not in pin or not pin.endswith("\\")]


@pytest.mark.parametrize(("name", "extras"), [("requirements.lock", ()), ("requirements-mcp.lock", ("mcp",))])
def test_lock_file_holds_every_dependency(name: str, extras: tuple[str, ...]) -> None:
    """What pyproject.toml names is locked."""
    locked = set(re.findall(r"^([a-z0-9-]+)==", _read(name), re.MULTILINE))

    assert set() == _dependencies(*extras) - locked


def test_ignored_paths_are_anchored() -> None:
    """No pattern in .gitignore can swallow a source folder, as a bare `lib/` would."""
    patterns = [line for line in _read(".gitignore").splitlines() if line and not line.startswith("#")]

    assert [] == [each for each in patterns if not each.startswith("/") and each != "__pycache__/"]


def test_licence_is_there() -> None:
    """The licence is MIT, by the contributors."""
    text = _read("LICENSE")

    assert text.startswith("MIT License")
    assert "Watchkeeper contributors" in text


def _is_hook(name: str) -> bool:
    return name.startswith("hooks/")


def _read(name: str) -> str:
    return (TREE / name).read_text(encoding="utf-8")


def _dependencies(*extras: str) -> set[str]:
    project = tomlkit.parse(_read("pyproject.toml")).unwrap()["project"]
    more = [each for extra in extras for each in project["optional-dependencies"][extra]]
    return {re.split(r"[^\w-]", requirement)[0].lower() for requirement in [*project["dependencies"], *more]}


def _has_no_live_annotations(module: ast.Module) -> bool:
    annotated = any(isinstance(node, (ast.AnnAssign, ast.arg)) and node.annotation for node in ast.walk(module))
    postponed = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in module.body)
    return postponed or not annotated
