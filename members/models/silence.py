"""Addresses to which Kring never writes unasked again, as keyed hashes: no address stands here."""

from django.db import models


class Silence(models.Model):
    """Somebody without an account said 'never write to me again'. Stays for ever."""

    address_key = models.CharField(max_length=43, unique=True)
    at = models.DateTimeField(db_default=models.functions.Now())
