"""A made-up user's ledger, told as what happened before noon, and the commands run on it."""

from __future__ import annotations

import io
import json
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper import cli
from watchkeeper.app import App, Surroundings
from watchkeeper.core import paths, settings, state, usage
from watchkeeper.core.ledger import Ledger, Transaction
from watchkeeper.core.quota import FIVE_HOUR, SEVEN_DAY
from watchkeeper.core.records import MAIN, Response
from watchkeeper.render.ink import Pen

SESSION = "95847ad0-d7c5-45bb-aa00-1664be934fc7"
MODEL, MODEL_NAME = "claude-sonnet-4-5", "Claude Sonnet 4.5"
FIVE_HOURS_MIN = 300.0


class Ran(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


def closing_app(surroundings: Surroundings) -> App:
    """Make an app whose ledger is closed once no test holds it any more; in the product the command line does that."""
    app = App(surroundings)
    weakref.finalize(app, app.ledger.close)
    return app


class Scene:
    """What the ledger of `user` holds; times are given as minutes before noon, which is now."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.environ = {**user.environ, "CLAUDE_CODE_SESSION_ID": SESSION}
        self.now = NOON
        self.project = "/home/ada/my-project"
        self.paths = paths.paths_in(str(user.config), user.environ)
        self._responses = 0
        self._calls = 0

    @property
    def ledger(self) -> Ledger:
        return Ledger(settings.ledger_dir(self.paths, settings.load(self.paths)), self.now)

    def app(self, columns: int = 80, colour: bool = False, environ: Mapping[str, str] | None = None) -> App:
        """What a command works with here."""
        out, err = io.StringIO(), io.StringIO()
        around = Surroundings(
            {**self.environ, **(environ or {})}, self.now, _stdin(""), out, err, columns, Pen(colour), False
        )
        return closing_app(around)

    def run(
        self,
        *argv: str,
        columns: int = 80,
        colour: bool = False,
        environ: Mapping[str, str] | None = None,
        stdin: str = "",
        is_interactive: bool = False,
        now: float | None = None,
    ) -> Ran:
        """Run a command in this process, as in a terminal of that width."""
        out, err = io.StringIO(), io.StringIO()
        around = Surroundings(
            {**self.environ, **(environ or {})},
            self.now if now is None else now,
            _stdin(stdin),
            out,
            err,
            columns,
            Pen(colour),
            is_interactive,
        )
        code = cli.main(argv, around)
        return Ran(code, out.getvalue(), err.getvalue())

    def json(self, *argv: str, **how: Any) -> dict[str, Any]:
        """Run a command that must not complain, and return its JSON."""
        ran = self.run(*argv, "--json", **how)
        assert (0, "") == (ran.code, ran.err), ran
        view: dict[str, Any] = json.loads(ran.out)
        return view

    def session(self, session_id: str = SESSION, began_min: float = 135.0, **columns: object) -> None:
        """A session that began so many minutes ago; columns as in the ledger."""
        at = self.now - began_min * 60.0
        known = {"cwd": self.project, "project": self.project, "attended": 1, **columns}
        with self.ledger as ledger, Transaction(ledger.usage) as db:
            usage.save_session(db, session_id, at, **known)

    def response(
        self,
        ago_min: float,
        *,
        session_id: str = SESSION,
        tokens: tuple[int, int, int, int] = (0, 0, 0, 0),
        model: str = MODEL,
        cwd: str | None = None,
        agent_id: str = "",
    ) -> None:
        """A response with its input, output, cache creation and cache read tokens."""
        self._responses += 1
        rank = MAIN if not agent_id else MAIN - 1
        message_id = f"msg_{self._responses:04}"
        at = self.now - ago_min * 60.0
        folder = self.project if cwd is None else cwd
        with self.ledger as ledger, Transaction(ledger.usage) as db:
            usage.merge_facts(
                db, [Response(message_id, rank, session_id, agent_id, model, at, *tokens, cwd=folder, tool_uses=())]
            )

    def tool_calls(
        self, count: int, between_min: tuple[float, float] = (130.0, 5.0), session_id: str = SESSION
    ) -> None:
        """So many tool calls, evenly spread."""
        since, until = between_min
        with self.ledger as ledger, Transaction(ledger.usage) as db:
            for number in range(count):
                self._calls += 1
                at = self.now - (since + (until - since) * number / count) * 60.0
                usage.save_tool_call(db, f"toolu_{self._calls}", session_id, "", "Edit", at, 40, False, 100, 50)

    def report(
        self,
        used_pct: float,
        resets_in_min: float,
        ago_min: float = 2.0,
        *,
        weekly: bool = False,
        account: str = "",
        overage: bool = False,
    ) -> None:
        """What the client reported of a limit."""
        kind = SEVEN_DAY if weekly else FIVE_HOUR
        report = state.Report(
            account, kind, self.now + resets_in_min * 60.0, used_pct, self.now - ago_min * 60.0, "status_line", overage
        )
        with self.ledger as ledger, Transaction(ledger.state) as db:
            state.save_report(db, report, self.now)

    def snapshot(self, ago_min: float = 2.0, session_id: str = SESSION, **fields: Any) -> None:
        """What the session's status line said."""
        known: dict[str, Any] = {
            "account": "",
            "model": MODEL,
            "model_name": MODEL_NAME,
            "agent": "",
            "version": "2.1.329",
            "context_tokens": None,
            "window_tokens": 200_000,
            "cost_usd": None,
            "has_limits": True,
        }
        with self.ledger as ledger, Transaction(ledger.state) as db:
            state.save_snapshot(
                db, state.Snapshot(session_id=session_id, at=self.now - ago_min * 60.0, **{**known, **fields})
            )

    def compacted(self, ago_min: float, session_id: str = SESSION) -> None:
        with self.ledger as ledger, Transaction(ledger.usage) as db:
            usage.save_session(db, session_id, self.now, compacted_at=self.now - ago_min * 60.0)

    def sample(
        self, ago_s: float = 20.0, level: str = "fine", ram_gb: float = 11.2, temp_c: float | None = 54.0
    ) -> None:
        """A look at the machine."""
        with self.ledger as ledger, Transaction(ledger.state) as db:
            row: Sequence[object] = (self.now - ago_s, ram_gb, 15.6, temp_c, 12.0, None, None, 120.0, level)
            db.execute("INSERT INTO samples VALUES (?,?,?,?,?,?,?,?,?)", row)

    def settings(self, **tables: dict[str, Any]) -> None:
        """The compiled settings in force, over the defaults."""
        path = Path(self.paths.settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(tables), encoding="utf-8")


def _stdin(text: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")


def fresh(scene: Scene) -> None:
    """A session ten minutes old in a window of its own."""
    scene.session(began_min=8)
    scene.response(7, tokens=(1_200, 900, 9_000, 12_000))
    scene.snapshot(1, context_tokens=22_200, cost_usd=0.31)
    scene.report(3.4, 293, 1)
    scene.sample()


def moderate(scene: Scene) -> None:
    """Two hours of work on made-up figures: 42 % of the window, 38 % of the context."""
    scene.session()
    scene.response(135, tokens=(1_000, 500, 20_000, 0))
    scene.response(90, tokens=(2_000, 4_500, 22_000, 21_000))
    scene.response(3, tokens=(2_000, 8_000, 25_000, 40_000))
    scene.tool_calls(55)
    scene.snapshot(2, agent="planning-agent", context_tokens=67_000, cost_usd=2.84)
    scene.report(42.3, 165)
    scene.report(30.0, 60 * 24 * 3, weekly=True)
    scene.sample()


def danger(scene: Scene) -> None:
    """81.5 % of the window gone after three and a half hours."""
    scene.session(began_min=215)
    scene.settings(quota={"plan": "pro"})
    scene.response(213, tokens=(1_000, 500, 20_000, 0))
    scene.response(100, tokens=(6_000, 24_000, 52_000, 41_000))
    scene.response(3, tokens=(3_000, 16_000, 38_000, 90_000))
    scene.tool_calls(112, (213.0, 3.0))
    scene.snapshot(2, agent="implementation-agent", context_tokens=112_000, cost_usd=7.41)
    scene.report(81.5, 300 - 217)
    scene.report(61.2, 60 * 24 * 3, weekly=True)
    scene.sample()


def measured(scene: Scene) -> None:
    """No report yet, measured against the plan pro."""
    scene.settings(quota={"plan": "pro"})
    scene.session(began_min=100)
    scene.response(95, tokens=(1_000, 500, 20_000, 0))
    scene.response(12, tokens=(2_000, 12_500, 49_000, 21_000))
    scene.tool_calls(30, (94.0, 12.0))


def api_key(scene: Scene) -> None:
    """A session that pays by the token."""
    scene.session(began_min=40, account="api")
    scene.response(38, tokens=(1_000, 500, 20_000, 0))
    scene.response(4, tokens=(1_000, 4_500, 2_000, 21_000))
    scene.snapshot(4, account="api", context_tokens=24_000, cost_usd=0.62, has_limits=False)


def compacted(scene: Scene) -> None:
    """The context was compacted and nothing was answered since."""
    moderate(scene)
    scene.compacted(1)


def critical_context(scene: Scene) -> None:
    """A context that is nearly full in a window that is not."""
    scene.session(began_min=200)
    scene.response(195, tokens=(1_000, 500, 20_000, 0))
    scene.response(2, tokens=(2_000, 8_000, 31_000, 122_000))
    scene.tool_calls(80, (190.0, 2.0))
    scene.snapshot(1, context_tokens=155_000)
    scene.report(21.0, 105, 1)
    scene.sample(level="warning", ram_gb=1.8, temp_c=None)


def estimated(scene: Scene) -> None:
    """No report in this window, but what a token takes was learned in earlier ones."""
    measured(scene)
    scene.settings()
    with scene.ledger as ledger, Transaction(ledger.state) as db:
        db.execute("INSERT INTO learned VALUES ('', '', 0.0005, 12, 0.2, ?)", (scene.now,))


def empty(scene: Scene) -> None:
    """Nothing is known, not even which session calls."""
    scene.environ.pop("CLAUDE_CODE_SESSION_ID")


def overage(scene: Scene) -> None:
    """The plan is used up and extra usage is on."""
    moderate(scene)
    scene.report(100.0, 165, 0.5, overage=True)
    scene.report(42.3, 165, 2.0)


STORIES = {
    story.__name__.replace("_", "-"): story
    for story in (empty, fresh, moderate, danger, measured, estimated, api_key, compacted, critical_context, overage)
}
