"""The `bridgedesk` command: our own verbs, then Django's."""

import os
import sys


def main() -> None:
    """Run the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bridgedesk.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
