"""The product's settings, on a clock that a simulation sets. Replaced before any model is made, so
that defaults of columns ask it too."""

import os
from pathlib import Path

from django.utils import timezone

from kring.settings import *  # noqa: F403
from kring.simulating.clock import Clock

CLOCK = Clock(Path(os.environ["KRING_SIMULATION"]))
timezone.now = CLOCK.now
EMAIL_TIMEOUT = 1
