"""The worse of quota and context in a word and a sentence."""

from __future__ import annotations

from typing import Any

from watchkeeper.core.levels import UNKNOWN
from watchkeeper.core.quota import ESTIMATED

# The word for each level, from the best to the worst.
_WORDS = {
    "good": ("fresh", "excellent", "good", "healthy"),
    "moderate": ("moderate", "warning"),
    "danger": ("danger",),
    "critical": ("critical", "emergency"),
}
_ORDER = tuple(_WORDS)
_SAID = {
    "good": "healthy{}: continue as you are.",
    "moderate": "more than half used{}: keep tasks medium-sized.",
    "danger": "running out{}: finish what is small and plan the next session.",
    "critical": "nearly used up{}: save your work now.",
}


def health_of(quota: dict[str, Any], context: dict[str, Any]) -> dict[str, str]:
    """Return the health of a session whose quota and context are these views."""
    words = {"quota": _word(quota["level"]), "context": _word(context["level"])}
    is_estimate = quota["source"] == ESTIMATED
    if words["quota"] in ("danger", "critical") and (quota["overage"] or is_estimate):
        # What goes on all the same, or is not known for certain, frightens nobody.
        words["quota"] = "moderate"
    known = {name: word for name, word in words.items() if word != UNKNOWN}
    if not known:
        return {"word": UNKNOWN, "sentence": "Neither quota nor context is known yet."}
    worse = max(known, key=lambda name: _ORDER.index(known[name]))
    if worse == "quota" and quota["overage"]:
        sentence = "The plan's quota is used up and extra usage is on: work goes on and is billed."
        return {"word": known[worse], "sentence": sentence}
    doubts = [f"{name} unknown" for name in words if name not in known] + ["quota estimated"] * is_estimate
    doubt = f" ({', '.join(doubts)})" if doubts else ""
    subject = "Quota and context are" if len(known) == 2 else f"The {worse} is"
    if known[worse] != "good":
        subject = f"The {worse} is"
    return {"word": known[worse], "sentence": f"{subject} {_SAID[known[worse]].format(doubt)}"}


def _word(level: str) -> str:
    return next((word for word, levels in _WORDS.items() if level in levels), UNKNOWN)
