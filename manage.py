#!/usr/bin/env python
"""Kring's commands. Without DATABASE_URL they use this folder's own servers."""

import sys
from pathlib import Path


def main():
    here = Path(__file__).resolve().parent
    sys.path[:0] = [str(here / "platform"), str(here)]
    from kring import local

    local.prepare_environment(sys.argv)
    from kring import environment

    environment.settings()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
