"""Taking out what looks like a secret: by its shape, by the name it is given to, by the command it is told to.

Hashes of commits and ids of sessions stay, so a secret of a few letters, or one in hexadecimal digits that nothing
names, is not found.
"""

from __future__ import annotations

import re

MASK = "[masked]"

# What services put before their keys, line by line: OpenAI, Anthropic, Groq, xAI, Perplexity, Hugging Face, Replicate,
# Linear, Notion, Supabase, Figma · Docker, Grafana, Sentry, RubyGems, npm, PyPI · GitHub, GitLab · Stripe, Slack,
# Square, Postman, New Relic, DigitalOcean, Netlify, PlanetScale · age.
_MARKS = (
    "sk|gsk|xai|pplx|hf|r8|lin_api|ntn|sbp|figd",
    "dckr_pat|gl(?:sa|c)|sntry[su]|rubygems|npm|pypi",
    "gh[opusr]|github_pat|gl(?:pat|rt|dt|cbt|ptt|ft|soat|imt|agent)",
    "(?:sk|rk|pk)_(?:live|test)|whsec|xox[abeoprs]|sq0(?:atp|csp|idp)|PMAK|NRAK|do[op]_v1|nfp|pscale_[a-z]{2,6}",
    "AGE-SECRET-KEY",
)
# A pattern that can begin at each of many places looks a bounded way ahead, else a long text would take for ever.
_SHAPES = (
    # Private keys, whole.
    (
        r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:(?s:.*?)-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|(?s:.*)\Z)"
    ),
    # JSON web tokens.
    r"\beyJ[A-Za-z0-9_-]{8,600}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    rf"\b(?:{'|'.join(_MARKS)})[_-][A-Za-z0-9_-]{{18,}}",
    # AWS, Google, SendGrid, Shopify, Vault, Databricks, Atlassian, Facebook, Twilio, Mailgun, Telegram, Airtable.
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    r"\b(?:AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,})",
    r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b",
    r"\bhv[sb]\.[A-Za-z0-9_-]{24,}",
    r"\b(?:dapi|SK|key-)[a-f0-9]{32}\b",
    r"\b(?:ATATT3[A-Za-z0-9_=-]{30,}|EAA[A-Za-z0-9]{30,})",
    r"\b[0-9]{8,10}:[A-Za-z0-9_-]{35}\b",
    r"\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64}\b",
    # Web hooks: whoever knows the address can post.
    r"(?<=hooks\.slack\.com/services/)[A-Za-z0-9/]{20,}",
    r"(?<=discord\.com/api/webhooks/)[A-Za-z0-9/_-]{20,}",
    # At least 32 letters and digits of both cases with digits in three places: no word and no name looks so.
    (
        r"(?<![A-Za-z0-9+/_.-])(?=[A-Za-z0-9+]{0,80}[a-z])(?=[A-Za-z0-9+]{0,80}[A-Z])"
        r"(?=(?:[A-Za-z+]{0,40}[0-9]{1,4}(?=[A-Za-z+])){3})[A-Za-z0-9+]{32,}={0,2}(?![A-Za-z0-9+/=_.-])"
    ),
)
_NAMES = (
    "(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key"
    "|credentials?|signature)"
)
_HAS_DIGIT = r"(?=\S{0,60}[0-9])"
# What stands before a secret, and stays.
_BEFORE = (
    # The user in an address, its port excepted.
    r"\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@]{0,100}:(?!\d{1,5}/)(?=[^\s@]{1,300}@)",
    # Headers.
    r"\bauthorization[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:(?:bearer|basic|token)\s{1,4})?",
    r"\bbearer\s{1,4}(?=[A-Za-z0-9._~+/-]{16,})",
    r"\bcookie[\"']?\s{0,4}:\s{0,4}[\"']?[\w.-]{1,60}=",
    # Options of commands.
    rf"(?:^|[\s;\"'{{(,])--?[a-z-]{{0,40}}{_NAMES}(?:=|\s{{1,4}})[\"']?(?![<$\[{{-])",
    r"(?:^|[\s;\"'])(?:-u|--user)(?:=|\s{1,4})[\"']?[^\s:\"'/]{1,60}:",
    r"\b(?:sshpass|docker login|podman login|az login|openssl)\b[^\n|;&]{0,120}?\s-[pk]\s{1,4}[\"']?",
    r"\bmysql[a-z]{0,8}\b[^\n|;&]{0,120}?\s-p(?=\S)[\"']?",
    # Prose.
    rf"\b(?:password|passwd|passphrase|pwd)\s{{1,4}}(?:is|was)\s{{1,4}}[\"']?(?=[^\s/.]{{8,}}(?:[\s.,]|$)){_HAS_DIGIT}",
    # Assignments, in any notation.
    r"(?<![a-z0-9])(?:[a-z0-9.-]{0,60}[_-])?(?:pwd|pass)[\"']?(?:\s{0,4}[:=]\s{0,4}[\"']|=)(?![/~.])" + _HAS_DIGIT,
    (
        rf"(?<![a-z0-9_])[a-z0-9_.-]{{0,60}}{_NAMES}"
        r"(?:s|[_-]?(?:base|value|id|key|hash|prod|dev|test|live|[0-9]{1,4})){0,3}[\"']?"
        rf"(?:\s{{0,4}}[:=]\s{{0,4}}[\"']|=(?![=>])|\s{{1,4}}=\s{{1,4}}{_HAS_DIGIT}"
        rf"|:\s{{1,4}}(?=[^\s/.]{{8,}}(?:\s|$)){_HAS_DIGIT}(?=\S{{0,60}}[a-z]))"
    ),
)
_SHAPED = re.compile("|".join(_SHAPES))
_NAMED = re.compile(rf"(?P<before>{'|'.join(_BEFORE)})(?P<secret>[^\s\"'`;,|&()<>@]{{6,}})", re.IGNORECASE)
_LOOKS_LIKE_CODE = re.compile(
    r"[$<{\[(%]|[A-Za-z_.]{1,80}(?:\(|\.[A-Za-z_])|(?:true|false|none|null|undefined|\d{1,9})$", re.IGNORECASE
)


def masked(text: str) -> tuple[str, int]:
    """Return `text` without what looks like a secret, and how many of those there were."""
    count = 0

    def shape(_: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return MASK

    def named(match: re.Match[str]) -> str:
        nonlocal count
        secret = match["secret"]
        if secret.startswith(MASK) or _LOOKS_LIKE_CODE.match(secret):
            return match[0]
        count += 1
        return match["before"] + MASK

    return _NAMED.sub(named, _SHAPED.sub(shape, text)), count
