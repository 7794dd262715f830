"""The local runtime: everything Kring needs, on one machine, started by one command.

Imports nothing of Django. A server that is given by the environment is used as it is.
"""

from kring.local.environment import prepare_environment

__all__ = ["prepare_environment"]
