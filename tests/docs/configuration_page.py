"""The page docs/configuration.md, made from the settings' model and their defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from watchkeeper.config.model import Config
from watchkeeper.core.settings import ALERT_SETS, DEFAULTS, PLAN_LIMITS_TOKENS
from watchkeeper.render.toml_text import spelled

_INTRODUCTION = """\
<!-- Made by tests/docs/generate.py: change the settings' model, not this page. -->
# Configuration

Settings are in `watchkeeper/config.toml` below Claude Code's configuration directory; `watchkeeper config path` prints
where that is. Nothing has to be set: what the file does not say has its default.

```sh
watchkeeper config show                 # what differs from its default
watchkeeper config show quota           # one option, or all below a name
watchkeeper config set quota.plan pro   # comments and order of the file are kept
watchkeeper config set context.alerts 60 80 95
```

A change is in force at once when it is set, and within seconds of the next hook when the file was edited by hand. A
file with a mistake changes nothing: what was in force stays, and `watchkeeper doctor` names the option and the line.

```toml
[quota]
plan = "max5"
alerts = "basic"                      # or a list of percentages
time_left_alerts_min = [30, 5]

[context]
auto_compact_pct = 90

[planner]
working_hours = ["Mon-Fri 09:00-18:00"]
quiet_hours = ["22:00-07:00"]
time_zone = "Europe/Berlin"

[resources]
temp_warm_c = 80
```

"""
_NOTES = {
    "quota": "Plans, in tokens per five hours: {plans}; `custom` uses `quota.limit_tokens`. They serve where Claude "
    "Code reports no percentage; a report wins. Alerts: {alerts}.",
    "status_line": "The format's parts are `{{level}}`, `{{quota}}`, `{{reset}}`, `{{pace}}`, `{{context}}` and "
    "`{{machine}}`; a part that has nothing to show vanishes with its separator.",
    "automation": "`watchkeeper doctor` says which of them work here, and why the others do not.",
}
_ENVIRONMENT = """\
## Environment variables

| variable | meaning |
| --- | --- |
| `WATCHKEEPER_OFF=1` | switches hooks and status line off for one process |
| `CLAUDE_CONFIG_DIR` | Claude Code's configuration directory, instead of `~/.claude` |
| `NO_COLOR` | no colours in pages and status line |
| `XDG_STATE_HOME` | where this machine's ledger goes when the configuration directory is on a network file system |
| `VISUAL`, `EDITOR` | what `watchkeeper memory edit` opens |
"""


def page() -> str:
    """Return the whole page."""
    return _INTRODUCTION + "\n".join([*_sections(Config.model_json_schema(), DEFAULTS, ""), _ENVIRONMENT])


def _sections(schema: Mapping[str, Any], defaults: Mapping[str, Any], prefix: str) -> Iterator[str]:
    definitions = Config.model_json_schema()["$defs"]
    for name, told in schema["properties"].items():
        inner = definitions[told["$ref"].rpartition("/")[2]]
        own = {key: each for key, each in inner["properties"].items() if "$ref" not in each}
        yield from (f"{'##' if not prefix else '###'} {prefix}{name}", "")
        if own:
            yield from ("| option | default | values | meaning |", "| --- | --- | --- | --- |")
        for key, each in own.items():
            option = f"{prefix}{name}.{key}"
            cells = (f"`{option}`", f"`{spelled(defaults[name][key])}`", values(option, each), each["description"])
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
        yield from ([""] if own else [])
        if f"{prefix}{name}" in _NOTES:
            yield from (_NOTES[f"{prefix}{name}"].format(**_names()), "")
        below = {key: each for key, each in inner["properties"].items() if "$ref" in each}
        if below:
            yield from _sections({"properties": below}, defaults[name], f"{prefix}{name}.")


def values(option: str, told: Mapping[str, Any]) -> str:
    """Return in words which values an option takes, from its JSON schema."""
    if option == "quota.alerts":
        named = ", ".join(f"`{name}`" for name in ALERT_SETS)
        return f"{named}, or {values('', told['anyOf'][1])}"
    if "enum" in told:
        return ", ".join(f"`{each}`" if each else '`""`' for each in told["enum"])
    kind = told["type"]
    if kind == "array":
        return f"list of {values('', told['items'])}"
    if kind in ("integer", "number"):
        return _range(told)
    return {"boolean": "`true`, `false`", "string": "text"}[kind]


def _range(told: Mapping[str, Any]) -> str:
    most = told["maximum"]
    if "exclusiveMinimum" in told:
        return f"above {told['exclusiveMinimum']:g}, at most {most:,g}"
    return f"{told['minimum']:g} to {_number(most)}"


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _names() -> dict[str, str]:
    return {
        "plans": ", ".join(f"{name} {tokens:,}" for name, tokens in PLAN_LIMITS_TOKENS.items()),
        "alerts": "; ".join(f"`{name}` is {', '.join(map(str, shares))} %" for name, shares in ALERT_SETS.items()),
    }
