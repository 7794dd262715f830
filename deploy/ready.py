"""The health check of the web container: may it be given visitors?"""

import os
import sys
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

host = urlsplit(os.environ["KRING_URL"]).hostname
headers = {"Host": host, "X-Forwarded-Proto": "https"}
try:
    with urlopen(Request("http://127.0.0.1:8000/health/ready", headers=headers), timeout=4):
        pass
except (HTTPError, OSError) as error:
    sys.exit(error.read().decode() if isinstance(error, HTTPError) else str(error))
