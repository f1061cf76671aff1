"""Between installations: settings.json is told of the automatic compaction what the configuration says of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from watchkeeper.core.paths import paths_in
from watchkeeper.wiring import compaction_entry, files, layout, receipt, settings_file, settings_text

if TYPE_CHECKING:
    from collections.abc import Mapping


def adjust(config: str, environ: Mapping[str, str]) -> list[str]:
    """Put the wanted share into the settings of the configuration directory `config`; return what the user should know.

    Nothing else of ours is touched. Raises UserError when settings.json must be left alone.
    """
    place = layout.layout_in(config, environ)
    pct = compaction_entry.wanted_pct(paths_in(config, environ))
    settings, record = settings_file.read(place.client_settings), receipt.read(place.receipt)
    if record is None or settings.content is None:
        return [compaction_entry.by_hand(pct)] if pct else []
    text, undo = settings_text.without_members(settings.text, record.settings.undo)
    text, undo = settings_text.with_members(text, pct, undo)
    if text != settings.text:
        is_as_written = record.settings.after_sha256 == files.sha256(settings.content)
        written = replace(
            record.settings,
            made=undo.made,
            nulls=undo.nulls,
            members=undo.members,
            after_sha256=files.sha256(text.encode()) if is_as_written else record.settings.after_sha256,
        )
        # First how to take it back, then what is taken back.
        files.write(place.receipt, replace(record, settings=written).encoded(), files.PRIVATE_FILE)
        settings_file.write(settings, text.encode())
    return compaction_entry.remarks(settings.settings, pct, (*record.settings.members, *undo.members))
