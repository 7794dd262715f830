"""Rows of a circle: its charter, its people, and those at its door."""

from circles.models.admission import Application, Inquiry, Step, Vote
from circles.models.archiving import Archiving
from circles.models.belonging import Fact, Renewal, Sanction
from circles.models.checking import Check, Confirmation, RegisterEntry, RegisterExtract
from circles.models.circle import Circle, GuideEntry, Parameter
from circles.models.deciding import Appeal, Decider, Note, Objection
from circles.models.door import DoorAnswer, DoorQuestion, Paper
from circles.models.founding import Cofounder, FirstHour, Founding
from circles.models.invitation import Endorsement, How, Invitation
from circles.models.membership import Membership
from circles.models.portrait import Portrait
from circles.models.reference import Referee, Reference

__all__ = [
    "Appeal",
    "Application",
    "Archiving",
    "Check",
    "Circle",
    "Cofounder",
    "Confirmation",
    "Decider",
    "DoorAnswer",
    "DoorQuestion",
    "Endorsement",
    "Fact",
    "FirstHour",
    "Founding",
    "GuideEntry",
    "How",
    "Inquiry",
    "Invitation",
    "Membership",
    "Note",
    "Objection",
    "Paper",
    "Parameter",
    "Portrait",
    "Referee",
    "Reference",
    "RegisterEntry",
    "RegisterExtract",
    "Renewal",
    "Sanction",
    "Step",
    "Vote",
]
