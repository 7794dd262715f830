"""When each sweep of the worker ended last: the sign that beat, broker and worker are there."""

from django.db import models


class Sweep(models.Model):
    """One row for each task that comes by the clock; it is overwritten at every end."""

    task = models.CharField(primary_key=True, max_length=80)
    ended_at = models.DateTimeField()
    seconds = models.FloatField()
    worked = models.BooleanField()
