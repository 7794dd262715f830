"""Who is there: members in circles, filled into an empty database by COPY."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection

from circles.models import Circle, Membership
from kring.bench import copying
from kring.bench.copying import Table
from kring.bench.filling import public_id
from members.models import Member, Profile

SEATS = 40
# Zones with a change of the clocks on different nights, one of half an hour, one without any.
ZONES = ["Europe/Amsterdam"] * 12 + [
    "Europe/London", "America/New_York", "Australia/Lord_Howe", "Australia/Sydney",
    "Asia/Kathmandu", "Pacific/Chatham",
]  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """When somebody wants the digest."""

    every: str = "week"
    weekday: int = 1
    at: str = "07:30"
    zone: str = "Europe/Amsterdam"
    paused: str | None = None


@dataclass(frozen=True)
class People:
    """Members by number from 1, and who sits in which circle."""

    members: int
    seed: int

    @property
    def circles(self) -> int:
        """One circle in forty seats, a fifth of the members in two."""
        return max(2, round(self.members * 1.2 / SEATS))

    def circles_of(self, member: int) -> list[int]:
        own = member % self.circles + 1
        second = (member * 7 + 3) % self.circles + 1
        return [own, second] if member % 5 == 0 and second != own else [own]

    def seats(self) -> dict[int, list[int]]:
        """The members of each circle."""
        found = {circle: [] for circle in range(1, self.circles + 1)}
        for member in range(1, self.members + 1):
            for circle in self.circles_of(member):
                found[circle].append(member)
        return found

    def wish_of(self, member: int) -> Wish | None:
        """What a member wants otherwise than everybody; None for two in three."""
        dice = random.Random(f"{self.seed} wish {member}")  # noqa: S311
        if dice.random() < 0.66:
            return None
        every = dice.choices(["week", "month", "never"], [12, 1, 1])[0]
        zone = dice.choice(ZONES)
        if dice.random() < 0.2:  # in the hour that comes twice, or never
            return Wish(every, 6, dice.choice(["02:00", "02:15", "02:30"]), zone)
        return Wish(every, dice.randrange(7), dice.choice(["07:30", "08:00", "18:00"]), zone)


def refuse_unless_empty(connection: Connection) -> None:
    """Raise LookupError when anybody is in this database: it is not one made for this."""
    (known,) = connection.execute("select count(*) from members_member").fetchone()
    if known:
        raise LookupError(
            f"There are {known} members in this database. A simulation invents people and works "
            "in an empty database of its own, nowhere else."
        )


def fill(connection: Connection, people: People, now: datetime) -> None:
    """Write the people into an empty database, as a superuser. Raises LookupError."""
    refuse_unless_empty(connection)
    joined = now - timedelta(days=400)
    here = now + timedelta(days=400)  # nobody stays away for so long that it changes their digest
    with connection.transaction(), copying.untouched_by_triggers(connection):
        members = Table(
            connection, Member, "id", "password", "email", "language", "joined_at",
            "last_login",
        )  # fmt: skip
        profiles = Table(connection, Profile, "member_id", "name", "title")
        circles = Table(
            connection, Circle, "id", "public_id", "name", "profession", "purpose", "belongs",
            "pledge", "language", "sensitivity", "mail_ceiling", "mail_alias", "founded_at",
            "confirmed_at",
        )  # fmt: skip
        seats = Table(connection, Membership, "circle_id", "member_id", "role", "state", "since")
        for number in range(1, people.members + 1):
            language = ("nl", "en")[number % 2]
            members.add(number, "!", f"m{number}@simulation.example", language, joined, here)
            profiles.add(number, f"Member {number} de Vries", "member of a simulation")
        for circle, seated in people.seats().items():
            sensitive = circle % 2
            circles.add(
                circle, public_id(circle), f"Circle {circle}", "surgeons", "Fewer mistakes.",
                "Whoever operates.", "It stays here.", ("nl", "en")[circle % 2],
                "sensitive" if sensitive else "normal", "counts" if sensitive else "title",
                f"Kring {circle}", joined, joined,
            )  # fmt: skip
            for place, member in enumerate(seated):
                seats.add(circle, member, "member" if place else "admin", "active", joined)
        for table in (members, profiles, circles, seats):
            table.send()
        copying.set_sequences(connection)
