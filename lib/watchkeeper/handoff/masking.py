"""Taking out what looks like a secret: keys of known shapes, and values that are assigned to a name that says so.

What is masked: private key blocks; keys of Anthropic, OpenAI, AWS, GitHub, GitLab, Google, Slack, Stripe, npm, PyPI,
Hugging Face, SendGrid, DigitalOcean, Shopify and age; JSON web tokens; passwords inside addresses; `Authorization`
values; and values given to a name or an option such as `password`, `secret`, `token` or `api_key`. Hashes of commits
stay, so a secret that is nothing but random characters is not found.
"""

from __future__ import annotations

import re

MASK = "[masked]"

_SHAPES = re.compile(
    r"""-----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]*PRIVATE\ KEY-----|\Z)
    | \b(?:
        sk-[A-Za-z0-9_-]{20,} | (?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}
        | (?:AKIA|ASIA)[A-Z0-9]{16} | AIza[A-Za-z0-9_-]{35} | ya29\.[A-Za-z0-9_-]{20,} | GOCSPX-[A-Za-z0-9_-]{20,}
        | gh[opusr]_[A-Za-z0-9]{36,} | github_pat_[A-Za-z0-9_]{22,} | glpat-[A-Za-z0-9_-]{20,}
        | xox[abeoprs]-[A-Za-z0-9-]{10,} | npm_[A-Za-z0-9]{36} | pypi-[A-Za-z0-9_-]{50,} | hf_[A-Za-z0-9]{30,}
        | SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,} | dop_v1_[a-f0-9]{64} | shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}
        | eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}
      )
    | \bAGE-SECRET-KEY-1[A-Z0-9]{20,}""",
    re.VERBOSE | re.DOTALL,
)
# What stands before the secret stays.
_NAMED = re.compile(
    r"""(?P<before>
        \b[a-z][a-z0-9+.-]*://[^\s/:@]*:(?=[^\s/@]+@)
        | \bauthorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|token)\s+)?
        | \bbearer\s+(?=[A-Za-z0-9._~+/-]{16,})
        | (?:^|[\s;"'{(,])--?[a-z-]*(?:password|passwd|secret|token|api-?key|access-?key)(?:=|\s+)["']?(?![<$\[{-])
        | \b[a-z0-9_.-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)
          (?:s|[_-]?(?:base|value|id|key|hash|prod|dev|test|live|[0-9]+))*["']?
          (?:\s*[:=]\s*["']|=(?![=>])|\s+=\s+(?=\S*[0-9])|:\s+(?=[^\s/.]{8,}(?:\s|$))(?=\S*[0-9])(?=\S*[a-z]))
      )
      (?P<secret>[^\s"'`;,|&()<>@]{6,})""",
    re.VERBOSE | re.IGNORECASE,
)
_LOOKS_LIKE_CODE = re.compile(
    r"[$<{\[(%]|[A-Za-z_.]+(?:\(|\.[A-Za-z_])|(?:true|false|none|null|undefined|\d{1,9})$", re.IGNORECASE
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

    return _NAMED.sub(named, _SHAPES.sub(shape, text)), count
