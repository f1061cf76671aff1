"""The settings as a person asks for them: each option with its value, its default and where the value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .config import compiled, file, lines, model
from .core.settings import are_stale
from .errors import UserError

if TYPE_CHECKING:
    from .app import App

DEFAULT, FILE = "default", "file"


def choices_view(app: App, prefix: str = "", changed_only: bool = False) -> dict[str, Any]:
    """Return the options whose dotted name is or begins with `prefix`; raise UserError when there are none.

    Raise SettingsError when the settings file cannot be used. A file that was changed is compiled on the way.
    """
    source = file.read(app.paths)
    if are_stale(app.paths, app.settings):
        compiled.compile_settings(app.paths, app.environ)
    wanted = [name for name in model.options() if not prefix or name == prefix or name.startswith(f"{prefix}.")]
    if not wanted:
        raise UserError(f"There is no option {prefix!r}; `watchkeeper config show` lists them all.")
    values, defaults = file.all_values(source.data), file.all_values({})
    placed = _lines(app.paths.config_file)
    options = [
        {
            "name": name,
            "value": values[name],
            "default": defaults[name],
            "source": FILE if name in placed else DEFAULT,
            "line": placed.get(name),
            "changed": values[name] != defaults[name],
            "meaning": model.options()[name],
        }
        for name in wanted
    ]
    shown = [option for option in options if option["changed"]] if changed_only else options
    return {
        "path": app.paths.config_file,
        "exists": source.modified_ns > 0,
        "modified_at": source.modified_ns / 1e9 if source.modified_ns else None,
        "ledger_folder": app.ledger.folder,
        "options": shown,
    }


def _lines(path: str) -> dict[str, int]:
    try:
        with open(path, encoding="utf-8-sig") as text:
            return lines.option_lines(text.read())
    except OSError:
        return {}
