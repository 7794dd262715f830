"""The door for gunicorn. Refuses to open under a role that could see past the policies."""

import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from kring import environment

environment.settings()
application = get_wsgi_application()

from kring import guard  # noqa: E402 (needs a started Django)

try:
    guard.assert_fit_to_start()
except ImproperlyConfigured as wrong:
    sys.exit(str(wrong))
