"""The health check of worker and clock: were they at work within the last three minutes?

The worker touches the file every two seconds while the broker answers, the clock with every task.
"""

import os
import sys
import time

try:
    age = time.time() - os.stat(os.environ["KRING_PULSE"]).st_mtime
except (KeyError, OSError):
    sys.exit("Not at work yet. Does the broker answer?")
if age > 180:
    sys.exit(f"Not at work for {age:.0f} seconds. Does the broker answer?")
