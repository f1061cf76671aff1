"""Lines of options in a TOML text."""

from __future__ import annotations

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.config.lines import option_lines

TEXT = '''# mine

[quota] # table
plan = "pro"
alerts = [
    50,  # half
    80,
]
levels.danger = 82

[advice.quota]
good = """
[quota]
plan = 5
"""
notices = { desktop = true }
'''


def test_each_option_has_the_line_it_begins_on() -> None:
    """Tables, dotted keys, inline tables and values over several lines are found where they begin."""
    expected = {
        "quota": 3,
        "quota.plan": 4,
        "quota.alerts": 5,
        "quota.levels": 9,
        "quota.levels.danger": 9,
        "advice": 11,
        "advice.quota": 11,
        "advice.quota.good": 12,
        "advice.quota.notices": 16,
        "advice.quota.notices.desktop": 16,
    }

    assert expected == option_lines(TEXT)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,6}", fullmatch=True),
        st.dictionaries(
            st.from_regex(r"[a-z]{1,6}", fullmatch=True),
            st.integers() | st.booleans() | st.text(max_size=20) | st.lists(st.text(max_size=5), max_size=3),
            min_size=1,
            max_size=4,
        ),
        max_size=4,
    )
)
def test_every_option_of_a_written_file_is_found(data: dict[str, dict[str, object]]) -> None:
    """Whatever a file holds, each of its options has a line, and that line names it."""
    text = tomlkit.dumps(data)

    found = option_lines(text)

    lines = text.splitlines()
    for table, options in data.items():
        assert f"[{table}]" == lines[found[table] - 1]
        for name in options:
            assert lines[found[f"{table}.{name}"] - 1].startswith(name)
