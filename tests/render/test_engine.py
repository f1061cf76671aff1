"""Templates print nothing raw, know no undefined name, and are compiled once."""

from __future__ import annotations

import os
from pathlib import Path

import jinja2
import pytest

from tests.support.guards import ROOT
from watchkeeper.render import engine
from watchkeeper.render.compiled import CompiledTemplates
from watchkeeper.render.ink import Pen
from watchkeeper.render.page import Page

PLAIN = Page(Pen(colour=False), 80)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        pytest.param("{{ name }}", "[31mred", id="a name"),
        pytest.param("{{ row('Project', name) }}", "Project       [31mred", id="in a row"),
        pytest.param("{{ ('in ' ~ name)|paint('dim') }}", "in [31mred", id="painted"),
        pytest.param("{{ name|cut(4) }}", "[31…", id="cut"),
        pytest.param("{{ none }}", "unknown", id="what is unknown is called so"),
    ],
)
def test_foreign_text_is_printed_clean(source: str, shown: str) -> None:
    """Control characters in what came from outside never reach the terminal."""
    template = engine.environment(PLAIN, 0.0).from_string(source)

    assert shown == template.render(name="\x1b[31mred\x07")


def test_a_name_that_does_not_exist_is_an_error() -> None:
    """A misspelt key of a view is a bug and not an empty place."""
    with pytest.raises(jinja2.UndefinedError):
        engine.environment(PLAIN, 0.0).from_string("{{ quota.usedpct }}").render(quota={})


def test_every_template_compiles() -> None:
    """No template has a mistake in its syntax or names a filter that does not exist."""
    made = engine.environment(PLAIN, 0.0)

    # Documents have an environment of their own.
    for name in made.list_templates(filter_func=lambda name: name.endswith(".j2") and ".md." not in name):
        made.get_template(name)


def test_compiled_templates_are_kept_until_the_source_changes(tmp_path: Path) -> None:
    """The second look compiles nothing; a changed template is compiled anew."""
    source = tmp_path / "page.j2"
    source.write_text("one", encoding="utf-8")

    def render() -> str:
        made = jinja2.Environment(
            loader=jinja2.FileSystemLoader(tmp_path), bytecode_cache=CompiledTemplates(str(tmp_path))
        )
        return made.get_template("page.j2").render()

    first = render()
    kept = sorted(entry.name for entry in (tmp_path / "__pycache__").iterdir())
    again = render()
    source.write_text("two", encoding="utf-8")

    assert ("one", "one", "two") == (first, again, render())
    assert 1 == len(kept)


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    """A plugin's folder may be read-only: then nothing is kept."""
    (tmp_path / "page.j2").write_text("shown", encoding="utf-8")
    (tmp_path / "__pycache__").write_text("in the way", encoding="utf-8")
    made = jinja2.Environment(loader=jinja2.FileSystemLoader(tmp_path), bytecode_cache=CompiledTemplates(str(tmp_path)))

    assert "shown" == made.get_template("page.j2").render()


def test_templates_are_found_in_the_bundle() -> None:
    """The bundle's own templates are used."""
    assert os.path.isdir(os.path.join(ROOT, "templates"))
    assert "session-status.j2" in engine.environment(PLAIN, 0.0).list_templates()
