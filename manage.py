#!/usr/bin/env python
"""Django's command line for a checkout; `itag` is the command for users."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itag.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
