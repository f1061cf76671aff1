"""Texts that every quoting has to carry as they are."""

from __future__ import annotations

HOSTILE = (
    "",
    "a b",
    " a  b ",
    "'",
    '"',
    'it\'s "quoted"',
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "&& touch pwned #",
    "${HOME} $HOME $$ $",
    "%",
    "%%",
    "100%h %PATH% \\%",
    "\\",
    "\\\\",
    'ends in \\" \\',
    "two\nlines\n",
    "\n",
    "\r\n\ttab",
    "-rf",
    "--",
    "~",
    "!x",
    "*",
    "[a] {b,c} ?",
    "#(touch pwned) #{pane_id} #",
    "x=y",
    "<&>",
    "a;",
    ";",
    "ü€😀",
    "\u2028\u202e",
)
"""Any text but a NUL; every system can name a file like that, or at least hand it over as an argument."""

NOT_UTF8 = "\udcff\udc80"
"""How Python spells bytes of a path that are not UTF-8."""

FOLDER = 'it\'s $(touch pwned) 100% "q"; ü'
"""The name of a folder."""
