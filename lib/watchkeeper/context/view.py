"""What /context-status and /compact-context show, as plain dicts; their keys are the JSON's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from . import opportunities
from .composition import REST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchkeeper.transcripts.fork import Fork

    from .analysis import Analysis
    from .composition import Named
    from .opportunities import Opportunity
    from .pages import Wish
    from .pruning import Plan
    from .ways import Advice, Way

_MOST_NAMED = 5

PART_WORDS = {
    "system": "System and tools",
    "memory": "Memory, attachments",
    "summary": "Compaction summary",
    "file_reads": "File reads",
    "tool_results": "Tool results",
    "conversation": "Conversation",
    "thinking": "Thinking",
    "code": "Generated code",
    "hooks": "Hook output",
    REST: "Not in transcript",
}
_COUNTED = {
    "memory": ("attachment", "attachments"),
    "summary": ("summary", "summaries"),
    "file_reads": ("read", "reads"),
    "tool_results": ("result", "results"),
    "conversation": ("exchange", "exchanges"),
    "thinking": ("block", "blocks"),
    "code": ("call", "calls"),
    "hooks": ("output", "outputs"),
}
KIND_WORDS = {
    opportunities.SUPERSEDED: "Superseded reads",
    opportunities.OLD_READ: "Old file reads",
    opportunities.DUPLICATE: "Duplicate results",
    opportunities.LARGE: "Large old outputs",
    opportunities.EXCHANGES: "Old exchanges",
}
_HOW = {
    opportunities.SUPERSEDED: "read again or written anew later",
    opportunities.OLD_READ: "beyond the {keep} latest",
    opportunities.DUPLICATE: "the same was returned again later",
    opportunities.LARGE: "1,000 tokens or more each",
    opportunities.EXCHANGES: "by a compaction: beyond the {keep} latest",
}


def context_status(
    status: dict[str, Any], analysis: Analysis | None, advice: Advice | None, keep_recent: int
) -> dict[str, Any]:
    """Return what /context-status shows; without an analysis there is no transcript yet."""
    view = _session(status, analysis)
    found = analysis.opportunities if analysis else []
    return {
        **view,
        "composition": _parts(analysis) if analysis else [],
        "measured": _measured(analysis, status["now_at"]) if analysis else None,
        "files": _named(analysis.composition.files, view["session"]["cwd"]) if analysis else [],
        "tools": _named(analysis.composition.tools, None) if analysis else [],
        "opportunities": _opportunities(found, keep_recent),
        "prunable_tokens": sum(each.tokens for each in found if each.kind != opportunities.EXCHANGES),
        "recommended": None if advice is None else {"way": advice.way, "why": advice.why},
        "transcript": _transcript(analysis) if analysis else None,
    }


def compact_context(
    status: dict[str, Any],
    analysis: Analysis,
    plan: Plan,
    found: Sequence[Way],
    advice: Advice,
    fork: Fork | None,
    wish: Wish,
) -> dict[str, Any]:
    """Return what /compact-context shows; `fork` is the copy that was written, None when none was."""
    view = _session(status, analysis)
    usable = view["context"]["limit_tokens"]
    return {
        **view,
        "fork": None
        if fork is None
        else {
            "session_id": fork.session_id,
            "path": fork.path,
            "tokens_before": plan.tokens_before,
            "tokens_after": plan.tokens_after,
        },
        "plan": {
            "tokens_before": plan.tokens_before,
            "tokens_after": plan.tokens_after,
            "used_pct_after": None if not usable else 100.0 * plan.tokens_after / usable,
            "target_pct": wish.target_pct,
            "keep_recent": wish.keep_recent,
            "left_out": _opportunities(_left_out(plan), wish.keep_recent),
        },
        "opportunities": _opportunities(analysis.opportunities, wish.keep_recent),
        "ways": [way._asdict() for way in found],
        "recommended": advice.way,
        "why": advice.why,
        "cached": analysis.is_cached(status["now_at"]),
        "transcript": _transcript(analysis),
    }


def _session(status: dict[str, Any], analysis: Analysis | None) -> dict[str, Any]:
    """Return the session and its context; what has come since that was measured is the transcript's, which has all."""
    context = status["context"]
    if analysis is not None and context["used_tokens"] is not None and not analysis.is_rewound:
        context = {**context, "pending_tokens": analysis.composition.pending_tokens}
    return {"now_at": status["now_at"], "session": status["session"], "context": context}


def _left_out(plan: Plan) -> list[Opportunity]:
    by_kind: dict[str, list[float]] = {}
    for candidate in plan.left_out:
        by_kind.setdefault(candidate.kind, []).append(candidate.saved_tokens)
    return [opportunities.Opportunity(kind, round(sum(saved)), len(saved)) for kind, saved in by_kind.items()]


def _parts(analysis: Analysis) -> list[dict[str, Any]]:
    total = analysis.composition.total_tokens
    return [
        {
            "part": part.part,
            "tokens": part.tokens,
            "count": part.number,
            "pct": 100.0 * part.tokens / total if total else 0.0,
            "label": PART_WORDS[part.part],
            "counted": _counted(part.part, part.number),
        }
        for part in analysis.composition.parts
    ]


def _counted(part: str, count: int) -> str:
    one, several = _COUNTED.get(part, ("", ""))
    return f"{count:,} {one if count == 1 else several}" if one else ""


def _measured(analysis: Analysis, now: float) -> dict[str, Any]:
    whole = analysis.composition
    at = analysis.measured_at
    return {
        "tokens": whole.total_tokens,
        "source": whole.source,
        "age_s": max(0.0, now - at) if at else None,
        "pending_tokens": whole.pending_tokens,
        "is_cut": analysis.chain.is_cut,
        "is_rewound": analysis.is_rewound,
    }


def _named(found: Sequence[Named], folder: str | None) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "tokens": each.tokens,
            "count": each.number,
            "spare_tokens": each.spare_tokens,
            "label": _within(each.name, folder) or "unnamed",
        }
        for each in found[:_MOST_NAMED]
    ]


def _within(name: str, folder: str | None) -> str:
    return name[len(folder) + 1 :] if folder and name.startswith(folder + os.sep) else name


def _opportunities(found: Sequence[Opportunity], keep_recent: int) -> list[dict[str, Any]]:
    return [
        {
            "kind": each.kind,
            "tokens": each.tokens,
            "count": each.number,
            "label": KIND_WORDS[each.kind],
            "how": _HOW[each.kind].format(keep=keep_recent),
        }
        for each in found
    ]


def _transcript(analysis: Analysis) -> dict[str, Any]:
    return {
        "path": analysis.path,
        "size_bytes": analysis.graph.size,
        "compactions": len(analysis.graph.boundaries),
        "unreadable_lines": analysis.graph.unreadable,
    }
