"""What the machine knows of each application: what was said, and what must be true of it always."""

from collections import Counter
from dataclasses import dataclass, field

from circles.models import Application, Invitation, Step

S = Application.State


@dataclass
class Case:
    """One application as the machine saw it come about."""

    pk: int
    link_id: int
    who: str
    mailed: bool
    row: Application = None
    round: int = 0
    votes: dict = field(default_factory=dict)  # {name: (round, choice)}
    vouchers: set = field(default_factory=set)
    appointed: set = field(default_factory=set)  # of (stage, name)
    facts: list = field(default_factory=list)  # of [needs a second signature]
    kept: dict = field(default_factory=dict)  # {(kind, number or name): word}
    audited: Counter = field(default_factory=Counter)
    policy: dict | None = None

    def keeps(self, kind: str, word: str, key=None) -> None:
        self.kept[kind, key or word] = word

    @property
    def unsigned(self) -> bool:
        return bool(self.facts and self.facts[-1])


class Story:
    """One circle, its applications, and how somebody acts on one of them."""

    def of(self, *states) -> list[Case]:
        return [case for case in self.cases if case.row.state in states]

    def one(self, nth: int, *states) -> Case:
        found = self.of(*states) if states else self.cases
        return found[nth % len(found)]

    def do(self, case: Case, who: str, what, fault=None, once=True, load=None) -> str:
        """Let somebody act on an application, or a row of it, and see what became of it."""
        self.is_swept = False
        load = load or (lambda: Application.objects.get(pk=case.pk))
        told = self.world.act(who, what, load, fault=fault, once=once)
        self.look()
        return told

    def look(self) -> None:
        """Read everything about the circle anew."""
        rows = Application.objects.filter(circle=self.world.circle)
        found = {row.pk: row for row in rows}
        steps = Step.objects.filter(circle=self.world.circle).order_by("id")
        inviters = Invitation.objects.filter(circle=self.world.circle).exclude(address_key="")
        invited = [(row.address_key, row.inviter_id) for row in inviters]
        self.steps = {pk: [] for pk in found}
        for step in steps:
            self.steps[step.application_id].append(step)
        for case in self.cases:
            case.row = found[case.pk]
            case.round = sum(
                step.new in Application.DECIDING and step.old != S.INFO_REQUESTED
                for step in self.steps[case.pk]
            )
            case.vouchers |= {
                self.world.by_id[by] for key, by in invited if key == case.row.address_key
            }
