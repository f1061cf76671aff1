"""A stand-in for the Messages API on loopback: it answers from scripts and keeps a log of every request."""

from __future__ import annotations

import json
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.realclient.exchanges import Exchange, Kind, kind_of
from tests.realclient.messages import Failure, Reply, Turn, Usage, limit_headers, message, stream

WAIT_S = 30.0
DEFAULTS: dict[Kind, str] = {
    "main": "Nothing more to do.",
    "subagent": "The sub-agent is done.",
    "compaction": "<summary>The conversation so far, in short.</summary>",
    "side": '{"title": "A scripted session"}',
}
Decide = Callable[[Kind, Mapping[str, Any]], Reply | None]
"""Given who asks and the request's body, return the answer, or None to leave it to the scripts."""


class StandIn:
    """Answers each kind of request from a script of its own, in order; one that has run out answers with a default.

    A context manager; ANTHROPIC_BASE_URL is its `url`. Every method may be called from any thread.
    """

    def __init__(self) -> None:
        self.decide: Decide | None = None
        self.headers: dict[str, str] = {}
        self.unknown_requests: list[str] = []
        """What was asked besides messages and token counts, for example `GET /api/hello` or `CONNECT host:443`."""
        self._scripts: dict[Kind, deque[Reply]] = {kind: deque() for kind in DEFAULTS}
        self._exchanges: list[Exchange] = []
        self._changed = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for error in self._server.errors:
            raise error

    def script(self, *replies: Reply, kind: Kind = "main") -> None:
        """Append answers for the main thread, or for another kind of request."""
        with self._changed:
            self._scripts[kind].extend(replies)

    def report_limits(
        self,
        five_hour_pct: float | None = None,
        five_hour_resets_at: float | None = None,
        seven_day_pct: float | None = None,
        seven_day_resets_at: float | None = None,
        status: str = "allowed",
    ) -> None:
        """From the next answer on, report a subscription's limits in the headers; times are epoch seconds."""
        self.headers = limit_headers(five_hour_pct, five_hour_resets_at, seven_day_pct, seven_day_resets_at, status)

    def exchanges(self, *kinds: Kind) -> list[Exchange]:
        """The requests that got an answer, oldest first; without kinds, all of them."""
        with self._changed:
            return [exchange for exchange in self._exchanges if not kinds or exchange.kind in kinds]

    def totals(self, *kinds: Kind) -> Usage:
        """The usage that was answered, summed.

        The client's transcripts hold that of "main" and "subagent"; its cost-state records count every kind.
        """
        return total(exchange.usage for exchange in self.exchanges(*kinds))

    def wait_for(self, count: int, *kinds: Kind, timeout_s: float = WAIT_S) -> list[Exchange]:
        """Wait until that many requests of these kinds got an answer, and return them. Raise TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.exchanges(*kinds)) >= count, timeout_s):
                seen = [exchange.kind for exchange in self._exchanges]
                raise TimeoutError(
                    f"waited {timeout_s:.0f} s for {count} requests of {kinds or 'any kind'}, saw {seen}"
                )
            return self.exchanges(*kinds)

    def answer(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> Exchange:
        """Choose the answer to a request (header names in lower case) and log both."""
        kind = kind_of(headers, body)
        decided = self.decide(kind, body) if self.decide is not None else None
        with self._changed:
            script = self._scripts[kind]
            reply = decided or (script.popleft() if script else Turn(DEFAULTS[kind]))
            number = len(self._exchanges) + 1
            failed = isinstance(reply, Failure)
            # Ids are unique among stand-ins, as the real ones are in the world, and of their usual form.
            unique = f"{id(self):x}{number:05d}"
            exchange = Exchange(
                kind=kind,
                session_id=headers.get("x-claude-code-session-id", ""),
                agent_id=headers.get("x-claude-code-agent-id"),
                model=str(body.get("model", "")),
                headers=headers,
                body=body,
                reply=reply,
                message_id=f"msg_{unique}",
                usage=Usage() if failed else getattr(reply, "usage", None) or _distinct_usage(number),
                tool_use_ids=tuple(f"toolu_{unique}{place:02d}" for place in range(len(getattr(reply, "tools", ())))),
            )
            self._exchanges.append(exchange)
            self._changed.notify_all()
            return exchange


def total(usages: Iterable[Usage]) -> Usage:
    """The sum of usages."""
    result = Usage()
    for usage in usages:
        result = result.plus(usage)
    return result


def _distinct_usage(number: int) -> Usage:
    # No two responses share a count, so that a wrong sum cannot come out right by chance.
    return Usage(2 + number, 40 + 7 * number, 1_000 + 113 * number, 12_000 + 1_009 * number)


def _pass(gate: threading.Event | None) -> None:
    if gate is not None and not gate.wait(WAIT_S):
        raise TimeoutError("nobody opened the gate of an answer")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.errors: list[BaseException] = []

    def handle_error(self, request: object, client_address: object) -> None:
        error = sys.exc_info()[1]
        # The client hangs up on requests that it no longer wants, and on idle connections when it ends.
        if error is not None and not isinstance(error, ConnectionError):
            self.errors.append(error)


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self._send(200, [b""], {})

        def do_GET(self) -> None:
            stand_in.unknown_requests.append(f"{self.command} {self.path}")
            self._send(404, [b"{}"], {})

        def do_CONNECT(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            path = self.path.partition("?")[0]
            if path == "/v1/messages/count_tokens":
                self._send(200, [json.dumps({"input_tokens": len(raw) // 4}).encode()], {})
            elif path == "/v1/messages":
                self._answer(json.loads(raw))
            else:
                self.do_GET()

        def _answer(self, body: Mapping[str, Any]) -> None:
            exchange = stand_in.answer({name.lower(): value for name, value in self.headers.items()}, body)
            reply = exchange.reply
            headers = {**stand_in.headers, **reply.headers, "request-id": f"req_{exchange.message_id}"}
            if isinstance(reply, Failure):
                error = {"type": "error", "error": {"type": reply.kind, "message": reply.message}}
                self._send(reply.status, [json.dumps(error).encode()], headers)
                return
            _pass(reply.gate)
            answer = message(reply, exchange.message_id, exchange.model, exchange.usage, exchange.tool_use_ids)
            if body.get("stream"):
                headers["content-type"] = "text/event-stream"
                self._send(200, stream(answer), headers, reply.ending_gate)
            else:
                self._send(200, [json.dumps(answer).encode()], headers)

        def _send(
            self, status: int, parts: list[bytes], headers: Mapping[str, str], gate: threading.Event | None = None
        ) -> None:
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(sum(map(len, parts))))
            self.end_headers()
            self.wfile.write(b"".join(parts[:-2]))
            _pass(gate)
            self.wfile.write(b"".join(parts[-2:]))

    return Handler
