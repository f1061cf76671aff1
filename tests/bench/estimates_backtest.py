"""How well work is estimated, replayed over real transcripts in the order of time, never seeing what came later.

Run: python tests/bench/estimates_backtest.py [FOLDER]. Prints tables for the back-test, the classifier of work and the
attribution of tokens to calls; what the columns mean stands below each.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import random
import shutil
import statistics
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lib"), str(ROOT)]

from tests.bench import growth_fit as growth_bench
from watchkeeper.core import paths, settings
from watchkeeper.core.ledger import Ledger
from watchkeeper.estimates import cases, history, learned
from watchkeeper.estimates.cases import Case
from watchkeeper.estimates.estimate import estimate
from watchkeeper.estimates.learned import learn
from watchkeeper.estimates.prior import prior_of
from watchkeeper.estimates.work import PHASE, SESSION, STRETCH, Work
from watchkeeper.quota import growth_fit, growth_steps
from watchkeeper.transcripts import record_lines, refresh

TRANSCRIPTS = ROOT.parent / "shared" / "transcripts"
LABELS = Path(__file__).with_name("stretch_labels.txt")
# Later than all of them.
NOW = 2_000_000_000.0
FEWEST_BEFORE = 3
# By how much planned hours miss, in logarithms; the transcripts hold no plans to measure it.
HOURS_MISS = 0.4
HOURS_KNOWN, HOURS_PLANNED, HOURS_UNKNOWN = "hours known", "hours planned", "hours unknown"
CHANGES: dict[str, dict[str, float]] = {
    "all spreads halved": {"spread": 0.5},
    "all spreads doubled": {"spread": 2.0},
    "half-life halved": {"half_life": 0.5},
    "half-life doubled": {"half_life": 2.0},
    "nothing calibrated": {"calibration": 1e9},
}
LEGEND = f"""
constants, mean, model: median |log(actual / estimate)|; 0.69 is a factor of two. Tokens are input + output + cache
creation, sub-agents included. mean: of the author's tokens per hour where hours are told, else of tokens, both in
logarithms. model - mean: with the range of 95 % of 2,000 bootstrap samples. inside: actuals in the range of 80 %.
factor: from the middle to a bound, in the median.
hours known: as they turned out, which nobody knows before. hours planned: the same, missed by a log-normal error of
{HOURS_MISS}, which is assumed, since transcripts hold no plans. hours unknown: the project alone. Else a stretch's type
is told too: the classifier's, which has seen what was done. Left out, by what it turned out to be, is what took less
than {cases.FEWEST_TOKENS:,} tokens or {cases.FEWEST_ACTIVE_S:.0f} seconds. The model's constants (spreads, half-life)
were chosen with these transcripts in view, which is why others are tried above."""
PROTOCOLS = (HOURS_KNOWN, HOURS_PLANNED, HOURS_UNKNOWN)


class Outcome(NamedTuple):
    """One case: absolute log errors of the constants, of the user's mean and of the model, and what the range held."""

    author: str
    before: int
    constants: float
    mean: float
    model: float
    inside: bool
    width: float


def main(folder: Path) -> int:
    """Print the tables; 1 when there are no transcripts."""
    with tempfile.TemporaryDirectory() as place:
        by_author = imported(folder, Path(place))
    if not by_author:
        print(f"no transcripts in {folder}")
        return 1
    _print_back_test(by_author)
    _print_classifier(folder)
    _print_attribution(folder)
    return 0


def imported(folder: Path, place: Path) -> dict[str, list[Case]]:
    """Return the finished work of each author, oldest first, as the product's own import reads it."""
    files: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*.jsonl")):
        if "_growth_series" not in path.parts:
            files[_author(path)].append(path)
    found = {}
    for author, transcripts in files.items():
        config = place / hashlib.blake2s(author.encode(), digest_size=6).hexdigest()
        projects = config / "projects" / "p"
        projects.mkdir(parents=True)
        for path in transcripts:
            # A sub-agent's transcript is told from a session's by its name.
            shutil.copyfile(
                path, projects / (path.name[path.name.find("agent-") :] if "agent-" in path.name else path.name)
            )
        where = paths.paths_in(str(config), {})
        Path(where.state).mkdir(parents=True, exist_ok=True)
        with Ledger(where.state, NOW) as ledger:
            refresh.refresh(ledger, where, settings.DEFAULTS, NOW)
            history.import_history(ledger, where, NOW)
            found[author] = cases.read_cases(ledger, settings.DEFAULTS, NOW)
    return {author: own for author, own in found.items() if own}


def outcomes(by_author: dict[str, list[Case]], kind: str, protocol: str, fewest: int = FEWEST_BEFORE) -> list[Outcome]:
    """Return every case of a kind that has enough work of the same author before it."""
    return [
        _outcome(author, case, past, protocol)
        for author, own in by_author.items()
        for case in own
        if case.work.kind == kind
        for past in [[each for each in own if each.at <= case.started_at]]
        if sum(each.work.kind == kind for each in past) >= fewest
    ]


def _outcome(author: str, case: Case, past: Sequence[Case], protocol: str) -> Outcome:
    work, known = _as_known_before(case, protocol), learn(past)
    if protocol == HOURS_KNOWN:
        known = known._replace(hours_error=0.0)
    found, actual = estimate(work, known), math.log(case.tokens)
    return Outcome(
        author,
        sum(each.work.kind == case.work.kind for each in past),
        abs(actual - math.log(prior_of(work).tokens)),
        abs(actual - _mean(case, work, past)),
        abs(actual - math.log(found.mid_tokens)),
        found.low_tokens <= case.tokens <= found.high_tokens,
        math.sqrt(found.high_tokens / found.low_tokens),
    )


def _as_known_before(case: Case, protocol: str) -> Work:
    """Return the work as it would be known: libraries never are, hours as the protocol has it."""
    work = case.work._replace(libraries=())
    if protocol == HOURS_UNKNOWN:
        return work._replace(hours=None, task_type="")
    if protocol == HOURS_PLANNED and work.hours:
        miss = random.Random(f"{case.session_id} {case.started_at}").gauss(0.0, HOURS_MISS)
        kind = PHASE if work.kind == STRETCH else work.kind
        return work._replace(hours=work.hours * math.exp(miss), kind=kind)
    return work


def _mean(case: Case, work: Work, past: Sequence[Case]) -> float:
    """Return the log of what the user's mean says: of tokens per hour where hours are told, else of tokens."""
    own = [each for each in past if each.work.kind == case.work.kind]
    if not own:
        return math.log(prior_of(work).tokens)
    if work.hours:
        return math.log(work.hours) + statistics.fmean(math.log(each.tokens / each.hours) for each in own if each.hours)
    return statistics.fmean(math.log(each.tokens) for each in own)


def _print_back_test(by_author: dict[str, list[Case]]) -> None:
    counts = {
        kind: sum(each.work.kind == kind for own in by_author.values() for each in own) for kind in (SESSION, STRETCH)
    }
    print(
        f"{counts[SESSION]} sessions and {counts[STRETCH]} stretches of {len(by_author)} authors;"
        f" estimated are those with {FEWEST_BEFORE} of the same author before them\n"
    )
    head = f"{'':<28}{'cases':>7}{'constants':>11}{'mean':>8}{'model':>8}{'of const.':>11}{'model - mean':>18}"
    print(f"{head}{'inside':>9}{'factor':>8}")
    for kind in (SESSION, STRETCH):
        for protocol in PROTOCOLS:
            _print_row(f"{kind}, {protocol}", outcomes(by_author, kind, protocol))
    print("\nstretches with planned hours, by how many came before")
    everything = outcomes(by_author, STRETCH, HOURS_PLANNED, fewest=0)
    for low, high in ((0, 1), (1, 3), (3, 10), (10, 30), (30, 1_000)):
        chosen = [each for each in everything if low <= each.before < high]
        name = f"{low} and more" if high == 1_000 else f"{low} to {high - 1}" if high > low + 1 else "none"
        _print_row(name, chosen)
    found = [each for each in everything if each.before >= FEWEST_BEFORE]
    print("\nstretches with planned hours, by author")
    for number, (author, _) in enumerate(Counter(each.author for each in found).most_common(), 1):
        _print_row(f"author {number}", [each for each in found if each.author == author])
    print("\nthe same with other constants of the model")
    for name, changes in CHANGES.items():
        with _changed(**changes):
            _print_row(name, outcomes(by_author, STRETCH, HOURS_PLANNED))
    print(LEGEND)


@contextlib.contextmanager
def _changed(spread: float = 1.0, half_life: float = 1.0, calibration: float = 1.0) -> Iterator[None]:
    """Change the constants of the model by these factors for a while."""
    spreads = dict(learned.SPREADS)
    others = {"HALF_LIFE_CASES": half_life, "CALIBRATION_WEIGHT": calibration}
    kept = {name: getattr(learned, name) for name in others}
    learned.SPREADS.update({name: value * spread for name, value in spreads.items()})
    for name, factor in others.items():
        setattr(learned, name, kept[name] * factor)
    try:
        yield
    finally:
        learned.SPREADS.update(spreads)
        for name, value in kept.items():
            setattr(learned, name, value)


def _print_row(name: str, found: Sequence[Outcome]) -> None:
    if not found:
        return
    constants, mean, model = (
        statistics.median(getattr(each, which) for each in found) for which in ("constants", "mean", "model")
    )
    low, high = _bootstrap(found)
    inside = statistics.fmean(each.inside for each in found)
    width = statistics.median(each.width for each in found)
    print(
        f"{name:<28}{len(found):>7}{constants:>11.2f}{mean:>8.2f}{model:>8.2f}{model / constants:>10.0%} "
        f"{model - mean:>+7.2f} ({low:+.2f},{high:+.2f}){inside:>8.0%}{width:>8.1f}"
    )


def _bootstrap(found: Sequence[Outcome]) -> tuple[float, float]:
    """Return the range of 95 % of the difference of the two medians."""
    draw = random.Random(7)
    samples = []
    for _ in range(2_000):
        chosen = draw.choices(found, k=len(found))
        samples.append(
            statistics.median(each.model for each in chosen) - statistics.median(each.mean for each in chosen)
        )
    samples.sort()
    return samples[50], samples[-51]


def _print_classifier(folder: Path) -> None:
    labels = dict(_labels())
    hits: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    of_types: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.jsonl")):
        if "_growth_series" in path.parts or "agent-" in path.name:
            continue
        for stretch in history.stretches_of(str(path)):
            types = labels.pop(_digest(stretch.session_id, stretch.started_at), None)
            if types is None:
                continue
            of_types[types[0]] += 1
            for name, told in (
                ("both", stretch.task_type),
                ("tools", stretch.tools_say),
                ("prompts", stretch.words_say),
            ):
                if told:
                    hits[name].append((told == types[0], told in types))
    print(f"\nclassifier: {sum(of_types.values())} stretches that a person labelled; {len(labels)} labels not found")
    print(f"{'':<28}{'cases':>7}{'error':>9}{'of any right type':>20}")
    for name, own in hits.items():
        strict, lenient = (1.0 - statistics.fmean(each[place] for each in own) for place in (0, 1))
        print(f"{name:<28}{len(own):>7}{strict:>9.0%}{lenient:>20.0%}")
    if of_types:
        most = of_types.most_common(1)[0][1] / of_types.total()
        print(f"{'always the most frequent':<28}{of_types.total():>7}{1 - most:>9.0%}")
    print("half of the labels were looked at while its rules were written")


def _labels() -> Iterator[tuple[str, list[str]]]:
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            digest, *types = line.split()
            yield digest, types


def _digest(session_id: str, started_at: float) -> str:
    return hashlib.blake2s(f"{session_id} {started_at:.0f}".encode(), digest_size=5).hexdigest()


def _print_attribution(folder: Path) -> None:
    """Tokens of single calls, by a fit to the other half of the same owner's transcripts."""
    found = growth_bench.found_in(folder)
    fitted, ratio = growth_bench.learned_elsewhere(found), _ratios(found)
    errors = [abs(fitted[each.step] / each.step.growth_tokens - 1.0) for each in found]
    print(
        f"\nattribution: {len(found):,} steps of tool calls, each by a fit to the other half of its owner's transcripts"
    )
    print(f"{'median error of a step':<60}{statistics.median(errors):>7.1%}")
    for fewest in (1, 5, 10):
        for name, factor in (("", lambda _: 1.0), (" x the other half's ratio", ratio)):
            share, sessions = _sessions_within(found, fitted, fewest, factor)
            print(f"{f'sums of {sessions} sessions of {fewest}+ steps within 20 %{name}':<60}{share:>7.1%}")


def _ratios(found: Sequence[growth_bench.Found]) -> Callable[[growth_bench.Found], float]:
    """Return for a step by how much sums are above the sum of medians in the other half of its owner's transcripts."""
    ratios = {}
    for owner in {each.owner for each in found}:
        for half in (0, 1):
            other = [each.step for each in found if each.owner == owner and each.number % 2 != half]
            fits = growth_fit.fit(other)
            measured = sum(step.growth_tokens for step in other)
            # As if so many tokens more had agreed.
            agreed = 50_000.0
            ratios[owner, half] = (measured + agreed) / (
                sum(growth_fit.estimated_tokens(step, fits) for step in other) + agreed
            )
    return lambda each: ratios[each.owner, each.number % 2]


def _sessions_within(
    found: Sequence[growth_bench.Found],
    fitted: dict[growth_steps.Step, float],
    fewest: int,
    factor: Callable[[growth_bench.Found], float],
) -> tuple[float, int]:
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for each in found:
        own = sums[each.number]
        own[0] += fitted[each.step] * factor(each)
        own[1] += each.step.growth_tokens
        own[2] += 1
    chosen = [abs(told / measured - 1.0) <= 0.2 for told, measured, steps in sums.values() if steps >= fewest]
    return statistics.fmean(chosen), len(chosen)


def _author(path: Path) -> str:
    """Return whose transcript it is: who publishes it and the home folder that it names first."""
    for placed in record_lines.read(str(path)):
        folder = placed.record.get("cwd") if placed.record else None
        if isinstance(folder, str):
            parts = folder.replace("\\", "/").split("/")
            home = parts[2] if len(parts) > 2 and parts[1] in ("Users", "home") else ""
            return f"{path.parent.name.partition('__')[0]} {home}"
    return path.parent.name.partition("__")[0]


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else TRANSCRIPTS))
