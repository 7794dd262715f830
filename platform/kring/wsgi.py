"""The door for gunicorn. Refuses to open under a role that could see past the policies."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kring.settings")
application = get_wsgi_application()

from kring.guard import assert_restricted  # noqa: E402 (needs a started Django)

assert_restricted()
