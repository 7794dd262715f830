"""`manage.py simulate_digests`: months of digests in minutes, with everything that goes wrong."""

import os
import time
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from kring.bench.place import Place, ready
from kring.local import servers
from kring.local.environment import NOWHERE
from kring.local.home import Trouble, default_home, open_home
from kring.simulating import course, telling
from kring.simulating.faults import Faults
from kring.simulating.people import People

DATABASE = "kring_simulation"


class Command(BaseCommand):
    help = (
        "Let weeks of digests pass on a database of its own, and count what was lost or doubled."
    )

    def add_arguments(self, parser):
        parser.add_argument("--members", type=int, default=10_000)
        parser.add_argument("--weeks", type=int, default=17, help="two calm ones follow")
        often = {"type": float, "nargs": "?", "const": 1, "default": 0, "metavar": "TIMES"}
        parser.add_argument("--faults", **often, help="workers die, mail fails (so often)")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--workers", type=int, default=2)

    def handle(self, *, members, weeks, faults, seed, workers, **_):
        if any(os.environ.get(name) != value for name, value in NOWHERE.items()):
            raise CommandError(
                "A simulation invents people in a database of its own, and DATABASE_URL or "
                "REDIS_URL names another one. Unset both."
            )
        for name in NOWHERE:
            del os.environ[name]
        try:
            home = open_home(open_home(default_home()) / "simulation")
            with servers.ensure(home, fast=True) as used:
                self._run(Place(home, used), People(members, seed), weeks, faults, workers)
        except Trouble as trouble:
            raise CommandError(str(trouble)) from trouble

    def _run(self, place, people, weeks, faults, workers):
        ready(place)
        place.copy(DATABASE)
        began = time.monotonic()
        run = course.Run(
            people=people,
            weeks=weeks,
            faults=Faults(people.seed, faults),
            folder=course.own_folder(place.home),
            database=place.url(DATABASE),
            broker=place.servers.redis_url,
            environment=place.environment(DATABASE, "kring_worker", KRING_LOG="ERROR"),
            workers=workers,
            told=lambda week: self.stdout.write(telling.line(week)),
        )
        self.stdout.write(
            f"{people.members} members in {people.circles} circles, {weeks} weeks and two calm"
            f" ones, seed {people.seed}\n{telling.HEAD}"
        )
        verdict = run.go()
        self.stdout.write(telling.total(run, verdict))
        took = timedelta(seconds=round(time.monotonic() - began))
        self.stdout.write(f"It took {took}.")
        if verdict.lost or verdict.doubled:
            raise CommandError("Something was lost or doubled.")
