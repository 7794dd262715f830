"""The health check of the web container: may it be given visitors? Degraded is fit for visitors."""

import sys
from urllib.error import HTTPError
from urllib.request import urlopen

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
try:
    with urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=8) as reply:
        print(reply.read().decode())  # noqa: T201 (shown by docker inspect)
except HTTPError as error:
    sys.exit(error.read().decode())
except OSError as error:
    sys.exit(f"The pages do not answer ({error}).")
