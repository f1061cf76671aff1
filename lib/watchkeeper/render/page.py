"""What a page of text is made of: headings, labelled rows, meters, paragraphs, tables; never wider than the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .columns import clean, cut, fit, unpainted, width_of, wrapped
from .ink import Pen, Printable, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL_COLUMNS = 14
_BETWEEN = 2
_NARROWEST = 6
_RIGHT = ">"


class Page(NamedTuple):
    """A page of `columns` (20 or more). Whatever text it is given comes out printable."""

    pen: Pen
    columns: int

    def heading(self, title: str, ink: str = "strong") -> Printable:
        """Return a section's title with a thin rule to the right edge."""
        shown = cut(clean(title), self.columns - 4)
        rule = "─" * (self.columns - width_of(shown) - 1)
        return Printable(f"{self.pen.paint(shown, ink)} {self.pen.paint(rule, 'dim')}")

    def row(self, label: str, text: object, note: object = "", ink: str = "plain", note_ink: str = "dim") -> Printable:
        """Return a labelled figure, with a note behind it where there is room, else below it; quieter if not said."""
        first, *others = wrapped(clean(printable(text)), self.columns - LABEL_COLUMNS)
        lines = [self._label(label, LABEL_COLUMNS) + self.pen.paint(first, ink)]
        lines += [" " * LABEL_COLUMNS + self.pen.paint(other, ink) for other in others]
        return Printable("\n".join([*lines[:-1], *self._with_note(lines[-1], clean(note), note_ink)]))

    def meter(self, label: str, pct: float | None, level: str = "", note: object = "") -> Printable:
        """Return a labelled bar with its share; that of an unknown share is empty."""
        cells = max(8, min(30, self.columns - 50))
        filled = 0 if pct is None else min(cells, max(0, int(pct * cells / 100.0)))
        bar = self.pen.paint("█" * filled, level or "dim") + self.pen.paint("░" * (cells - filled), "dim")
        share = "unknown" if pct is None else f"{int(pct)}%"
        line = f"{self._label(label, LABEL_COLUMNS)}{bar}  {self.pen.paint(share, level or 'plain')}"
        return Printable("\n".join(self._with_note(line, clean(note), "dim")))

    def paragraph(self, text: object, ink: str = "plain", indent: int = 0) -> Printable:
        """Return text wrapped to the page, each line indented."""
        lines = wrapped(clean(text), self.columns - indent)
        return Printable("\n".join(" " * indent + self.pen.paint(line, ink) for line in lines))

    def item(self, mark: str, text: object, ink: str = "plain", mark_ink: str = "dim") -> Printable:
        """Return an entry of a list: its mark, and the text hanging behind it."""
        margin = width_of(clean(mark)) + 1
        first, *others = wrapped(clean(printable(text)), self.columns - margin)
        lines = [self._label(mark, margin, mark_ink) + self.pen.paint(first, ink)]
        return Printable("\n".join([*lines, *(" " * margin + self.pen.paint(other, ink) for other in others)]))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Printable:
        """Return rows below their heads, in columns; a head that begins with `>` has its column to the right.

        Where there is no room the widest columns on the left side of their cells give way, then the last columns.
        """
        cells = [[printable(cell) for cell in row] for row in rows]
        titles = [clean(title.lstrip(_RIGHT)) for title in head]
        widths = [max(width_of(line[place]) for line in [titles, *cells]) for place in range(len(head))]
        right = [title.startswith(_RIGHT) for title in head]
        self._narrow(widths, right)
        lines = [self._line(titles, widths, right, "dim"), *(self._line(row, widths, right, "plain") for row in cells)]
        return Printable("\n".join((" " * _BETWEEN).join(line).rstrip(" ") for line in lines))

    def _narrow(self, widths: list[int], right: Sequence[bool]) -> None:
        while sum(widths) + _BETWEEN * (len(widths) - 1) > self.columns:
            giving = [place for place, width in enumerate(widths) if not right[place] and width > _NARROWEST]
            if giving:
                widths[max(giving, key=lambda place: widths[place])] -= 1
            elif len(widths) > 1:
                widths.pop()
            else:
                widths[0] = self.columns

    def _line(self, cells: Sequence[str], widths: Sequence[int], right: Sequence[bool], ink: str) -> list[str]:
        last = len(widths) - 1
        # Nothing stands behind the last cell, so it need not be filled up.
        ends = widths[last] if right[last] else min(widths[last], width_of(cells[last]))
        return [
            self._cell(cell, width, end, ink)
            for cell, width, end in zip(cells, [*widths[:last], ends], right, strict=False)
        ]

    def _cell(self, text: str, width: int, to_the_right: bool, ink: str) -> str:
        # A cell that is painted already keeps its colour where it fits.
        if not isinstance(text, Printable) or width_of(text) > width:
            return self.pen.paint(fit(unpainted(text), width, to_the_right), ink)
        filling = " " * (width - width_of(text))
        return filling + text if to_the_right else text + filling

    def _label(self, label: str, columns: int, ink: str = "dim") -> str:
        return self.pen.paint(fit(clean(label), columns - 1), ink) + " "

    def _with_note(self, line: str, note: str, ink: str) -> list[str]:
        if not note:
            return [line.rstrip(" ")]
        if width_of(line) + _BETWEEN + width_of(note) <= self.columns:
            return [f"{line}{' ' * _BETWEEN}{self.pen.paint(note, ink)}"]
        below = wrapped(note, self.columns - LABEL_COLUMNS)
        return [line.rstrip(" "), *(" " * LABEL_COLUMNS + self.pen.paint(part, ink) for part in below)]
