"""Rows about people and what reaches them: one file a subject."""

from members.models.audit import AuditEntry
from members.models.browsers import Browser
from members.models.due import Due
from members.models.keeping import Backup, Erasure
from members.models.letters import Letter, Link
from members.models.people import Member, Profile
from members.models.silence import Silence
from members.models.sweeps import Sweep

__all__ = [
    "AuditEntry",
    "Backup",
    "Browser",
    "Due",
    "Erasure",
    "Letter",
    "Link",
    "Member",
    "Profile",
    "Silence",
    "Sweep",
]
