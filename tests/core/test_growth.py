"""Growth by a tool call: from what the model reads, whatever the payload carries besides."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.guards import ROOT
from watchkeeper.core import growth
from watchkeeper.core.growth import call_characters, content_size, estimate, read_size

CAPTURES = Path(ROOT).parent / "shared" / "captures"
needs_captures = pytest.mark.skipif(not CAPTURES.is_dir(), reason=f"no captured payloads in {CAPTURES}")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
TOOLS = """Bash Read Edit MultiEdit Write NotebookEdit Grep Glob Task Agent TaskOutput WebFetch WebSearch
    AskUserQuestion ExitPlanMode TodoWrite TaskCreate TaskList mcp__any Novel""".split()
FIELDS = """content text result output stdout stderr message error file filenames filePath numLines startLine type task
    tasks plan planWasEdited answers results isImage backgroundTaskId persistedOutputPath new_source truncated
    dimensions displayWidth displayHeight cells count subject""".split()


def lines(count: int) -> str:
    return "".join(f"line number {number} of this file\n" for number in range(count))


# Payloads as client 2.1.329 sends them, and how many characters its model read of them.
READ_BY_THE_MODEL: dict[str, tuple[str, Any, int]] = {
    "Read": ("Read", {"type": "text", "file": {"content": lines(300), "numLines": 301, "startLine": 1}}, 9686),
    "Read from the middle": ("Read", {"type": "text", "file": {"content": "a\nb", "numLines": 2, "startLine": 99}}, 10),
    "Read notebook": ("Read", {"type": "notebook", "file": {"cells": [{"source": "print(1)"}]}}, 14),
    "Bash": ("Bash", {"stdout": "hi\nerr", "stderr": "", "isImage": False}, 6),
    "Bash without output": ("Bash", {"stdout": "", "stderr": ""}, 31),
    "Bash kept in a file": ("Bash", {"stdout": "x" * 29_999, "stderr": "", "persistedOutputPath": "/p/x.txt"}, 2230),
    "Bash in the background": ("Bash", {"stdout": "", "stderr": "", "backgroundTaskId": "bi8x3hn7r"}, 316),
    "Edit of a large file": (
        "Edit",
        {
            "filePath": "x" * 51,
            "oldString": "a",
            "newString": "b",
            "originalFile": "y" * 1_309_722,
            "structuredPatch": [],
        },
        151,
    ),
    "Write": ("Write", {"type": "create", "filePath": "x" * 53, "content": "z" * 300, "originalFile": None}, 143),
    "NotebookEdit": ("NotebookEdit", {"new_source": "print(3)", "original_file": "x" * 186, "error": ""}, 29),
    "Grep": ("Grep", {"mode": "content", "filenames": [], "content": "x" * 18_997}, 18_997),
    "Grep kept in a file": ("Grep", {"mode": "content", "filenames": [], "content": "x" * 20_975}, 2264),
    "Grep files": ("Grep", {"mode": "files_with_matches", "filenames": ["a.txt", "big.txt"]}, 27),
    "Glob": ("Glob", {"filenames": ["big.txt", "a.txt", "new.txt"], "truncated": False}, 21),
    "Glob without a file": ("Glob", {"filenames": [], "truncated": False}, 14),
    "Agent": (
        "Agent",
        {"status": "completed", "prompt": "p" * 900, "content": [{"type": "text", "text": "x" * 250}]},
        921,
    ),
    "Agent in the background": (
        "Agent",
        {"status": "async_launched", "prompt": "p" * 900, "outputFile": "o" * 152},
        1093,
    ),
    "Agent kept in a file": ("Agent", {"content": [{"type": "text", "text": "x" * 51_000}]}, 2288),
    "TaskUpdate": ("TaskUpdate", {"success": True, "taskId": "1", "updatedFields": ["status"]}, 22),
    "TaskList": ("TaskList", {"tasks": [{"id": "1", "subject": "x", "status": "completed", "blockedBy": []}]}, 16),
    "MCP blocks": ("mcp__t__text", [{"type": "text", "text": "x" * 240}, {"type": "text", "text": "second"}], 246),
    "MCP text": ("mcp__t__struct", '{"a":1}', 7),
    "MCP kept in a file": ("mcp__t__big", [{"type": "text", "text": "x" * 51_000}], 2288),
    "WebFetch": ("WebFetch", {"bytes": 99_999, "code": 200, "result": "x" * 400, "url": "https://example.org"}, 400),
}


@pytest.mark.parametrize(("tool", "response", "characters"), READ_BY_THE_MODEL.values(), ids=READ_BY_THE_MODEL)
def test_what_the_model_reads(tool: str, response: object, characters: int) -> None:
    """Of each tool's payload only what reaches the model counts, within thirty characters or three in a hundred."""
    found, tokens = read_size(tool, response)

    assert found == pytest.approx(characters, abs=30, rel=0.03)
    assert 0 == tokens


def results_of(session_id: str) -> dict[str, Any]:
    results = {}
    for path in CAPTURES.glob(f"transcript/{session_id}.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            message = json.loads(line).get("message")
            content = message.get("content") if isinstance(message, dict) else None
            for block in content if isinstance(content, list) else []:
                if isinstance(block, dict) and block.get("type") == "tool_result":
                    results[block["tool_use_id"]] = block["content"]
    return results


def captures_with_transcript() -> list[Path]:
    """Return the captured payloads of tool calls whose transcript was kept too."""
    found = []
    for path in sorted(CAPTURES.glob("PostToolUse*.json")):
        payload = json.loads(path.read_text(encoding="utf-8"))
        if payload["tool_use_id"] in results_of(payload["session_id"]):
            found.append(path)
    return found


@needs_captures
@pytest.mark.parametrize("capture", captures_with_transcript(), ids=lambda path: path.stem)
def test_captured_payloads(capture: Path) -> None:
    """What is estimated to be read of a captured payload is about what its transcript says was read."""
    payload = json.loads(capture.read_text(encoding="utf-8"))
    read = results_of(payload["session_id"])[payload["tool_use_id"]]

    if "error" in payload:
        found = len(payload["error"])
    else:
        found, _ = read_size(payload["tool_name"], payload["tool_response"])

    assert found == pytest.approx(content_size(read)[0], abs=60)


def test_default_formula() -> None:
    """A call costs 105 tokens and 0.34 a character, its result 0.366 a character."""
    command = {"command": "x" * 1000}

    call, result = estimate("Bash", command, {"stdout": "y" * 1000, "stderr": ""}, None, None)

    assert round(105 + 0.34 * call_characters(command)) == call
    assert 366 == result


def test_learned_coefficients_are_used() -> None:
    """What was learned of a tool replaces the defaults."""
    assert (20, 500) == estimate("Bash", {"": "x" * 4}, {"stdout": "y" * 1000}, None, (10.0, 1.0, 0.5, 0.0))


@pytest.mark.parametrize(("tool", "tokens"), [*growth.TABLE_TOKENS.items(), ("Other", 500), ("", 500)])
def test_table_is_the_last_resort(tool: str, tokens: int) -> None:
    """Where only the name of a tool is known, the table says what it costs."""
    assert tokens == sum(estimate(tool, None, None, None, None))


def test_learned_mean_replaces_the_table() -> None:
    """Where only the name is known and the tool's mean was learned, the mean is it."""
    assert 1234 == sum(estimate("Read", None, None, None, (105.0, 0.34, 0.366, 1234.0)))


def test_failed_call_is_read_by_its_error() -> None:
    """Of a failed call the model reads the error, which the client cuts."""
    short = estimate("Bash", {}, None, "Exit code 1\ncat: nope.txt: No such file", None)
    long = estimate("Bash", {}, None, "x" * 1_000_000, None)

    assert (105, round(0.366 * 39)) == short
    assert (105, round(0.366 * 10_040)) == long


IMAGE = {"type": "image", "source": {"type": "base64", "data": "A" * 400_000}}


def test_pictures_cost_what_pictures_cost() -> None:
    """A picture costs by its pixels, at most a constant, and its base64 is never text."""
    small = {"type": "image", "file": {"base64": "A" * 9999, "dimensions": {"displayWidth": 75, "displayHeight": 10}}}

    assert (0, 2) == read_size("Read", small)
    assert (0, growth.IMAGE_TOKENS) == read_size("Read", {"type": "image", "file": {"base64": "A" * 9999}})
    assert (196, growth.IMAGE_TOKENS) == read_size("mcp__t__image", [IMAGE, {"type": "text", "text": "x" * 196}])
    assert (0, growth.IMAGE_TOKENS) == read_size("Bash", {"stdout": "A" * 9999, "isImage": True})
    assert (0, 3 * growth.IMAGE_TOKENS) == read_size("Read", {"type": "parts", "file": {"count": 3}})
    assert (0, growth.DOCUMENT_TOKENS) == read_size("Read", {"type": "pdf", "file": {"base64": "A" * 9999}})


def test_unknown_tools_are_read_by_the_names_of_fields() -> None:
    """Of a tool that nobody knows, the fields that hold text by their names are what is read."""
    assert (7, 0) == read_size("Novel", {"output": "1234", "text": "567", "other": "x" * 900})
    assert (30, 0) == read_size("Novel", {"ok": True})


@given(JSON, JSON, JSON, JSON)
def test_wrong_types_give_a_number(name: object, tool_input: object, response: object, error: object) -> None:
    """Whatever arrives, the estimate is two numbers that are not negative."""
    call, result = estimate(name, tool_input, response, error, None)

    assert (True, True) == (call >= 0, result >= 0)
    assert (int, int) == (type(call), type(result))


@given(
    st.sampled_from(TOOLS),
    st.dictionaries(st.sampled_from(FIELDS), JSON | st.dictionaries(st.sampled_from(FIELDS), JSON)),
)
def test_wrong_types_in_known_fields_give_a_number(tool: str, response: dict[str, Any]) -> None:
    """The fields that are looked at may hold anything."""
    characters, tokens = read_size(tool, response)

    assert characters >= 0
    assert tokens >= 0


def test_deep_and_wide_values_are_bounded() -> None:
    """Neither depth nor width of a payload makes an estimate fail."""
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]

    assert sum(estimate("Bash", {"command": deep}, {"stdout": ["x"] * 1_000_000}, None, None)) < 10_000_000
    assert read_size("Grep", {"filenames": ["x" * 100] * 1_000_000})[0] < 10_000


@given(st.integers(1, 10**7), st.integers(0, 10**4))
def test_line_numbers_are_read_too(first: int, count: int) -> None:
    """Before each line of a file the model reads its number and a tab."""
    file = {"content": "", "startLine": first, "numLines": count}

    expected = sum(len(str(number)) + 1 for number in range(first, first + count))
    assert (expected, 0) == read_size("Read", {"type": "text", "file": file})


@given(JSON.filter(lambda value: isinstance(value, dict)))
def test_call_characters_are_about_those_of_json(value: dict[str, Any]) -> None:
    """The input's size is that of its JSON but for escapes, numbers and brackets."""
    leaves = len(json.dumps(value)) + 1

    assert 0 <= call_characters(value) <= 6 * leaves


def test_module_imports_nothing() -> None:
    """An import would cost every hook milliseconds."""
    module = ast.parse(Path(growth.__file__).read_text(encoding="utf-8"))

    assert ["__future__"] == [node.module for node in module.body if isinstance(node, ast.ImportFrom)]
    assert not any(isinstance(node, ast.Import) for node in module.body)
