"""By how many tokens a tool call makes the context grow, told from the call alone. Hot ring: imports nothing.

What the model reads of a result is not the hook payload's `tool_response`: an edit carries the whole file before it and
a picture its bytes. The sizes below are those of client 2.1.329, whose results were compared with their payloads.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Coefficients = tuple[float, float, float, float]

# Tokens per call, per character of the call, per character the model read back (median error 13 % over 24,000 real
# calls), and the mean of a call, 0 where the table below knows better.
DEFAULT: Coefficients = (105.0, 0.34, 0.366, 0.0)

# For a call of which only the name is known.
TABLE_TOKENS = {
    "Edit": 1500,
    "Write": 1200,
    "Read": 800,
    "WebFetch": 1000,
    "Task": 2000,
    "Agent": 2000,
    "Grep": 500,
    "Glob": 400,
    "Bash": 300,
}
OTHER_TOKENS = 500

# A picture is scaled down to at most this; where its size is known it costs one token per 750 pixels.
IMAGE_TOKENS = 1600
_PIXELS_PER_TOKEN = 750
# A document's pages are sent as pictures and text, and a payload does not say how many there are.
DOCUMENT_TOKENS = 3000

# Longer results are kept in a file, of which the model reads the beginning.
_LONGEST = 50_000
_LONGEST_GREP = 20_000
_LONGEST_ERROR = 10_040
_PREVIEW = 2_280
_MOST_CHARACTERS = 10_000_000
_MOST_NODES = 10_000

_CONFIRMATION = 100
_SHORT = 30
_BACKGROUND = 316
_AGENT_FRAME = 671
_AGENT_LAUNCHED = 1_093
_TODO_REMINDER = 160
_TEXT_FIELDS = ("content", "text", "result", "output", "stdout", "stderr", "message", "error")


def estimate(
    tool_name: object, tool_input: object, tool_response: object, error: object, coefficients: Coefficients | None
) -> tuple[int, int]:
    """Return the tokens of the call itself and of its result, from a hook payload's values, whatever their types.

    `error` is the text of a failed call, None for one that succeeded; `coefficients` are (tokens per call, per
    character of the call, per character of the result, mean of a call), None for the defaults.
    """
    base, per_call_character, per_result_character, mean = coefficients or DEFAULT
    name = tool_name if isinstance(tool_name, str) else ""
    whole = mean if mean > 0 else float(TABLE_TOKENS.get(name, OTHER_TOKENS))
    if not isinstance(tool_input, dict):
        call = min(base, whole)
    else:
        call = base + per_call_character * call_characters(tool_input)
    if isinstance(error, str):
        result = per_result_character * min(len(error), _LONGEST_ERROR)
    elif tool_response is None:
        result = whole - call
    else:
        characters, tokens = read_size(name, tool_response)
        result = per_result_character * characters + tokens
    return max(0, round(call)), max(0, round(result))


def call_characters(tool_input: object) -> int:
    """Return about how many characters a call's input has as JSON."""
    return _sum_of_text(tool_input, 6)


def read_size(tool_name: str, tool_response: object) -> tuple[int, int]:
    """Return the characters of text that the model reads of a payload's `tool_response`, and its pictures' tokens."""
    tokens = 0
    if isinstance(tool_response, dict):
        characters, tokens = _READERS.get(tool_name, _read_other)(tool_response)
    else:
        characters, tokens = content_size(tool_response)
    longest = _LONGEST_GREP if tool_name == "Grep" else _LONGEST
    # Read has a limit of its own, which its payload shows already.
    if characters > longest and tool_name != "Read":
        characters = _PREVIEW
    return min(characters, _MOST_CHARACTERS), tokens


def content_size(content: object) -> tuple[int, int]:
    """Return the characters of text in a message's content (a text or a list of blocks), and its pictures' tokens."""
    if isinstance(content, str):
        return len(content), 0
    characters = tokens = 0
    if isinstance(content, list):
        for block in content[:_MOST_NODES]:
            if isinstance(block, str):
                characters += len(block)
            elif isinstance(block, dict):
                kind = block.get("type")
                if kind == "image":
                    tokens += IMAGE_TOKENS
                elif kind == "document":
                    tokens += DOCUMENT_TOKENS
                else:
                    characters += _length(block.get("text")) + _length(block.get("tool_name"))
    return characters, tokens


def _read_bash(response: dict[Any, Any]) -> tuple[int, int]:
    if response.get("isImage") is True:
        return 0, IMAGE_TOKENS
    if response.get("persistedOutputPath"):
        return _PREVIEW, 0
    if response.get("backgroundTaskId"):
        return _BACKGROUND, 0
    return _length(response.get("stdout")) + _length(response.get("stderr")) or _SHORT, 0


def _read_file(response: dict[Any, Any]) -> tuple[int, int]:
    file = response.get("file")
    if not isinstance(file, dict):
        return _read_other(response)
    kind = response.get("type")
    if kind == "image":
        return 0, _image_tokens(file.get("dimensions"))
    if kind == "pdf":
        return 0, DOCUMENT_TOKENS
    if kind == "parts":
        return 0, min(_whole(file.get("count")), 100) * IMAGE_TOKENS
    if kind == "notebook":
        return _sum_of_text(file.get("cells"), 0), 0
    content = file.get("content")
    lines = _whole(file.get("numLines")) or (content.count("\n") + 1 if isinstance(content, str) and content else 0)
    return _length(content) + _line_numbers(_whole(file.get("startLine")) or 1, min(lines, _MOST_CHARACTERS)), 0


def _read_edit(response: dict[Any, Any]) -> tuple[int, int]:
    return _CONFIRMATION + _length(response.get("filePath")), 0


def _read_notebook_edit(response: dict[Any, Any]) -> tuple[int, int]:
    return _SHORT + _length(response.get("error") or response.get("new_source")), 0


def _read_grep(response: dict[Any, Any]) -> tuple[int, int]:
    found = _length(response.get("content")) or _names(response.get("filenames"))
    return _SHORT // 2 + found, 0


def _read_glob(response: dict[Any, Any]) -> tuple[int, int]:
    found = _names(response.get("filenames")) or _SHORT // 2
    return found + (_CONFIRMATION if response.get("truncated") is True else 0), 0


def _read_agent(response: dict[Any, Any]) -> tuple[int, int]:
    content = response.get("content")
    if content is None:
        return _AGENT_LAUNCHED, 0
    characters, tokens = content_size(content)
    return characters + _AGENT_FRAME, tokens


def _read_task_output(response: dict[Any, Any]) -> tuple[int, int]:
    task = response.get("task")
    if not isinstance(task, dict):
        return _read_other(response)
    return 2 * _SHORT + (_length(task.get("output")) or _length(task.get("result"))), 0


def _read_web_search(response: dict[Any, Any]) -> tuple[int, int]:
    return _sum_of_text(response.get("results"), 6), 0


def _read_answers(response: dict[Any, Any]) -> tuple[int, int]:
    return _CONFIRMATION + _sum_of_text(response.get("answers"), 3), 0


def _read_plan(response: dict[Any, Any]) -> tuple[int, int]:
    edited = response.get("planWasEdited") is True
    return 3 * _CONFIRMATION + (_length(response.get("plan")) if edited else 0), 0


def _read_todo(response: dict[Any, Any]) -> tuple[int, int]:
    return _TODO_REMINDER, 0


def _read_tasks(response: dict[Any, Any]) -> tuple[int, int]:
    tasks = response.get("tasks")
    tasks = tasks[:_MOST_NODES] if isinstance(tasks, list) else [response.get("task")]
    subjects = sum(_SHORT // 2 + _length(task.get("subject")) for task in tasks if isinstance(task, dict))
    return subjects or _SHORT, 0


def _read_other(response: dict[Any, Any]) -> tuple[int, int]:
    """A tool not known here: the fields that hold text by their names."""
    characters = tokens = 0
    for field in _TEXT_FIELDS:
        more_characters, more_tokens = content_size(response.get(field))
        characters += more_characters
        tokens += more_tokens
    return (characters if characters or tokens else _SHORT), tokens


_READERS: dict[str, Callable[[dict[Any, Any]], tuple[int, int]]] = {
    "Bash": _read_bash,
    "BashOutput": _read_bash,
    "PowerShell": _read_bash,
    "Read": _read_file,
    "Edit": _read_edit,
    "MultiEdit": _read_edit,
    "Write": _read_edit,
    "NotebookEdit": _read_notebook_edit,
    "Grep": _read_grep,
    "Glob": _read_glob,
    "Task": _read_agent,
    "Agent": _read_agent,
    "TaskOutput": _read_task_output,
    "WebSearch": _read_web_search,
    "AskUserQuestion": _read_answers,
    "ExitPlanMode": _read_plan,
    "TodoWrite": _read_todo,
    "TaskCreate": _read_tasks,
    "TaskGet": _read_tasks,
    "TaskList": _read_tasks,
}


def _image_tokens(dimensions: object) -> int:
    if isinstance(dimensions, dict):
        pixels = _whole(dimensions.get("displayWidth")) * _whole(dimensions.get("displayHeight"))
        if pixels:
            return min(IMAGE_TOKENS, pixels // _PIXELS_PER_TOKEN + 1)
    return IMAGE_TOKENS


def _line_numbers(first: int, lines: int) -> int:
    """The characters of a line's number and a tab before each of `lines` lines."""
    characters = lines
    start, end = first, first + lines
    bound, digits = 10, 1
    while start < end:
        reached = min(max(bound, start), end)
        characters += digits * (reached - start)
        start = reached
        bound *= 10
        digits += 1
    return characters


def _names(value: object) -> int:
    if not isinstance(value, list):
        return 0
    return sum(_length(name) + 1 for name in value[:_MOST_NODES])


def _sum_of_text(value: object, per_key: int) -> int:
    """The characters of all text in a JSON value, with `per_key` more for each key's quotes, colon and comma."""
    characters = nodes = 0
    waiting = [value]
    while waiting and nodes < _MOST_NODES:
        nodes += 1
        current = waiting.pop()
        if isinstance(current, str):
            characters += len(current)
        elif isinstance(current, dict):
            for key, inner in current.items():
                characters += _length(key) + per_key
                waiting.append(inner)
        elif isinstance(current, list):
            waiting.extend(current)
        elif current is not None:
            characters += 4
    return min(characters, _MOST_CHARACTERS)


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else 0


def _whole(value: object) -> int:
    return min(value, 10**9) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
