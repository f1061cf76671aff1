"""Plans as people write them, for tests."""

from __future__ import annotations

import math

from watchkeeper.estimates import plan_file
from watchkeeper.estimates.interval import Interval, interval
from watchkeeper.estimates.learned import Learned
from watchkeeper.estimates.plan_file import Plan
from watchkeeper.estimates.prior import prior_of
from watchkeeper.estimates.work import Work

RECKONED = """\
# Auction backend

**Estimated Time**: 3-4 hours
**Estimated Tokens**: 50,000 - 70,000 tokens
**Project size**: medium

## Breakdown

### Phase 1: Bid queue (1-1.5h)
**Estimated Tokens**: 20,000 - 26,000

- Duration: 1.25 hours
- Rate: 45,000 tokens/hour (implementation type)
- Formula: 1.25h × 45k/h × 0.9 (familiar Node.js) = 30,000 tokens
- BullMQ integration: ~10k tokens
- [x] queue
- [ ] worker

### Phase 2: Cover it with tests (2h)
**Estimated Tokens**: 25,000 - 38,000

- [ ] unit tests
- [ ] load test

## Risk Factors

1. **Queue back pressure** (+5-8k tokens)
   - Mitigation: Begin with a small buffer

2. **Flaky timers**
   - Mitigation: Fake the clock

**Total Risk**: +5-8k tokens
"""

HEADINGS = """\
---
title: Move billing
hours: 6
---

# Move billing to another provider

## Goals

Fewer surprises.

## Research the interface (45 min)

- [x] read the manual
- [x] decide

## Write the client

- [ ] add `stripe`
- [ ] retries

```bash
npm install stripe zod@3 --save-dev
```

## Tests (1.5h)

- [ ] unit tests with Vitest
"""

NUMBERED_LIST = """\
1. Design the schema (30 min)
2. Build the API - 2h
   - routes
3. Fix flaky tests (1 hour)
"""

CHECKLIST = """\
# Tidy

- [ ] a
- [ ] b
- [x] c
"""

TABLE = """\
# Parser

| # | Task | Hours |
| -- | -- | -- |
| 1 | Refactor the parser | 2 |
| 2 | Docs | 0.5-1 |
| | Total | 3 |
"""

PROSE = "Make the thing faster. It should take about 2 hours.\n"


def plain_estimate(work: Work, _: Learned) -> Interval:
    """The constants with a spread of their own, so that pages stay the same while the model is tuned."""
    return interval(math.log(prior_of(work).tokens), 0.4)


def read(text: str, path: str = "/plans/plan.md") -> Plan:
    """The plan in a text."""
    return plan_file.parse(text.encode(), path)
