"""Rows of a circle: its charter, its people, and those at its door."""

from circles.models.admission import Application, Inquiry, Step, Vote
from circles.models.circle import Circle, GuideEntry, Parameter
from circles.models.door import DoorAnswer, DoorQuestion, Paper
from circles.models.invitation import Endorsement, How, Invitation
from circles.models.membership import Membership
from circles.models.reference import Referee, Reference

__all__ = [
    "Application",
    "Circle",
    "DoorAnswer",
    "DoorQuestion",
    "Endorsement",
    "GuideEntry",
    "How",
    "Inquiry",
    "Invitation",
    "Membership",
    "Paper",
    "Parameter",
    "Referee",
    "Reference",
    "Step",
    "Vote",
]
