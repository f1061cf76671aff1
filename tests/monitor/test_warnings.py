"""Each warning is given once, and not at all where a hook has given it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.commands.scene import SESSION, Scene
from tests.support.clock import NOON
from watchkeeper.app import App
from watchkeeper.core import alerts, state
from watchkeeper.core.ledger import Transaction
from watchkeeper.core.quota import FIVE_HOUR, read_quota
from watchkeeper.monitor.monitor_config import MonitorConfig
from watchkeeper.monitor.tracker import usage_of
from watchkeeper.monitor.warnings import GRACE_S, Warnings
from watchkeeper.monitor.workspace import WARNING, Workspace

CONFIG = MonitorConfig()


class Watch:
    """Warnings with a clock of their own."""

    def __init__(self, app: App, where: Workspace) -> None:
        self.app, self.where = app, where
        self.monotonic_s = 0.0
        self.begin()

    def begin(self) -> None:
        """Start as a new daemon does."""
        self.warnings = Warnings(lambda: self.monotonic_s)

    def said(self, config: MonitorConfig = CONFIG) -> list[str]:
        """What is said of how things stand, once the hooks have had their time."""
        found = usage_of(self.app, SESSION, config, self.where.project)
        self.warnings.time_left(self.app, read_quota(self.app.ledger, self.app.settings, "", self.app.now))
        self.warnings.tokens(self.app, self.where, found, config)
        self.monotonic_s += GRACE_S + 1
        return self.warnings.due(self.app)


@pytest.fixture
def watch(app: App, where: Workspace) -> Watch:
    """Nothing was warned of yet."""
    return Watch(app, where)


@pytest.mark.parametrize(
    ("left_min", "expected"), [(61, 0), (59.5, 1), (29, 1), (4, 1), (-1, 0)], ids=["61", "59", "29", "4", "over"]
)
def test_time_left(scene: Scene, watch: Watch, left_min: float, expected: int) -> None:
    """At 60, 30 and 5 minutes before the window ends one sentence is said; of several passed at once the nearest."""
    scene.report(40.0, left_min)

    said = watch.said()

    assert expected == len(said)
    assert all("The five-hour window ends in" in text for text in said)
    assert [] == watch.said()


def test_each_of_the_three_is_said(scene: Scene, watch: Watch) -> None:
    """One after the other as the end comes nearer."""
    scene.report(40.0, 70)
    said = []
    for _ in range(140):
        watch.app.now += 30.0
        said += watch.said()

    assert ["ends in 1h", "ends in 30m", "ends in 5m"] == [text[text.index("ends") : text.index(",")] for text in said]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.floats(-7_000, 7_000), max_size=25), st.booleans())
def test_no_clock_makes_it_speak_twice(scene: Scene, where: Workspace, jumps_s: list[float], restarts: bool) -> None:
    """However the clock is set, the machine sleeps or the daemon is started again, nothing is said twice."""
    with scene.ledger as ledger, Transaction(ledger.state) as db:
        db.execute("DELETE FROM told")
    scene.report(85.0, 70)
    watch = Watch(scene.app(), where)
    said = []
    for jump_s in jumps_s:
        watch.app.now = NOON + jump_s
        if restarts:
            watch.begin()
        said += watch.said()
    watch.app.ledger.close()

    assert len([text for text in said if "five-hour window" in text]) <= 3
    assert len([text for text in said if "of the quota is used (" in text]) <= 1


def test_thresholds_are_the_monitors_own(scene: Scene, watch: Watch) -> None:
    """They override the levels, for the monitor alone."""
    scene.report(62.0, 200)

    assert [] == watch.said()
    (said,) = watch.said(CONFIG._replace(token_warning_threshold=60))
    assert "62% of the quota is used (reported): /plan-next-session." == said
    assert said in Path(watch.where.path(WARNING)).read_text(encoding="utf-8")
    (critical,) = watch.said(CONFIG._replace(token_warning_threshold=50, token_critical_threshold=61))
    assert critical.endswith("/save-and-restart.")


def test_context_is_watched_too(scene: Scene, watch: Watch) -> None:
    """The worse of the two speaks, and again after a compaction."""
    scene.session()
    scene.snapshot(context_tokens=150_000)
    scene.report(20.0, 200)

    (said,) = watch.said()
    assert "of the context window is used" in said
    assert [] == watch.said()
    scene.compacted(-1)
    scene.snapshot(-2, context_tokens=150_000)
    watch.app.now += 180.0
    assert 1 == len(watch.said())


@pytest.mark.parametrize(
    ("kind", "threshold", "expected"),
    [(FIVE_HOUR, 80.0, 0), (FIVE_HOUR, 90.0, 0), (FIVE_HOUR, 50.0, 1), (alerts.CONTEXT, 80.0, 1)],
    ids=["the same", "a higher one", "a lower one", "another"],
)
def test_hooks_speak_first(scene: Scene, watch: Watch, kind: str, threshold: float, expected: int) -> None:
    """What a hook told the user in the session is not said again on the desktop."""
    scene.report(85.0, 200)
    with Transaction(watch.app.ledger.state) as db:
        state.claim_told(db, alerts.USER, "", kind, (threshold,), 0.0, NOON)

    assert expected == len(watch.said())


def test_nothing_is_said_before_the_hooks_had_their_time(scene: Scene, watch: Watch) -> None:
    """For a minute it is held, though the workspace's file has it at once."""
    scene.report(85.0, 200)
    found = usage_of(watch.app, SESSION, CONFIG, watch.where.project)
    watch.warnings.tokens(watch.app, watch.where, found, CONFIG)

    assert [] == watch.warnings.due(watch.app)
    assert Path(watch.where.path(WARNING)).exists()


def test_what_is_not_known_is_not_warned_of(scene: Scene, watch: Watch) -> None:
    """Without a figure there is no warning."""
    scene.session()

    assert [] == watch.said()
