"""The product's settings, with two things of the bench: the bare view's address and the count of
queries. Nothing else differs, or the figures would be of something else."""

from kring.settings import *  # noqa: F403
from kring.settings import BASE, MIDDLEWARE, TEMPLATES

ROOT_URLCONF = "kring.bench.urls"
MIDDLEWARE = ["kring.bench.bare.count_queries", *MIDDLEWARE]
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], BASE / "platform" / "kring" / "bench"]
