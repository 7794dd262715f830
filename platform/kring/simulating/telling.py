"""The table of a simulation: a line a week, and what it came to."""

from kring.simulating import faults
from kring.simulating.course import Run, Week
from kring.simulating.judging import Verdict

HEAD = (
    f"{'week':>4} {'due':>7} {'sent':>7} {'skip':>6} {'fail':>5} {'unkn':>5} {'mails':>7}"
    f" {'451':>5} {'550':>4} {'hang':>4} {'drop':>4} {'dead':>4} {'MB':>5}  skipped because"
)


def line(week: Week) -> str:
    """One week."""
    return (
        f"{week.number:>4} {week.due:>7} {week.count('sent'):>7} {week.count('skipped'):>6}"
        f" {week.count('failed'):>5} {week.count('unknown'):>5} {week.mails:>7}"
        f" {week.fates[faults.LATER]:>5} {week.fates[faults.NEVER]:>4}"
        f" {_both(week, faults.HANGS):>4} {_both(week, faults.DROPS):>4} {week.deaths:>4}"
        f" {week.megabytes:>5.0f}  {_reasons(week)}"
    )


def _both(week: Week, fate: str) -> int:
    return week.fates[fate] + week.fates[f"{fate}, taken"]


def _reasons(week: Week) -> str:
    return ", ".join(f"{why} {number}" for why, number in week.skipped().items())


def total(run: Run, verdict: Verdict) -> str:
    """What it came to."""
    weeks = run.done
    count = {state: sum(w.count(state) for w in weeks) for state in ("sent", "skipped", "failed")}
    unknown = sum(w.count("unknown") for w in weeks)
    words = [
        f"due {sum(w.due for w in weeks)}, sent {count['sent']}, skipped {count['skipped']},"
        f" failed {count['failed']}, unknown {unknown}; {sum(w.deaths for w in weeks)} workers"
        f" killed, largest mail {run.post.largest} bytes.",
        f"Of {verdict.expected} things to tell: lost {len(verdict.lost)},"
        f" doubled {len(verdict.doubled)}; told again after an unknown one"
        f" {verdict.again_after_unknown}.",
    ]
    words += [f"lost: {row}" for row in verdict.lost[:20]]
    words += [f"doubled: {row}" for row in verdict.doubled[:20]]
    return "\n".join(words)
